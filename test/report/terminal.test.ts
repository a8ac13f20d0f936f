// The progress view on a terminal, off one, and with --quiet and --debug.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type BuildEvent, nodeReport } from "../../src/report/events.ts";
import { terminalView } from "../../src/report/terminal.ts";
import { recordedScreen } from "./screen.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const env = {};
const time = 1_000_000;
const node = "main";

function finished(phase: string, elapsed: number, outcome: "done" | "failed" = "done"): BuildEvent {
  return { type: "phase-finished", node, phase, elapsed, outcome, time };
}

test("a terminal shows one live line a running node, below what has finished", () => {
  const screen = recordedScreen({ isTTY: true });
  using view = terminalView(screen, { env });
  for (const name of ["initrd", node]) view.sink({ type: "node-started", node: name, time });
  view.sink({ type: "phase-started", node: "initrd", phase: "packages", time });
  view.sink({ type: "phase-started", node, phase: "packages", time });
  view.sink({ type: "progress", node, detail: "12 of 66 packages", time });
  vi.advanceTimersByTime(2100);
  expect(screen.visible()).toEqual(["… initrd  packages  2.1s", "… main    packages  2.1s  12 of 66 packages"]);
  view.sink({ ...finished("packages", 2.1), node: "initrd" } as BuildEvent);
  vi.advanceTimersByTime(100);
  expect(screen.visible()).toEqual(["✓ initrd  packages  2.1s", "… main    packages  2.2s  12 of 66 packages"]);
});

test("nothing live is left behind", () => {
  const screen = recordedScreen({ isTTY: true });
  {
    using view = terminalView(screen, { env });
    view.sink({ type: "phase-started", node, phase: "packages", time });
    vi.advanceTimersByTime(500);
    view.sink({ type: "message", level: "warning", text: "be careful", time });
    vi.advanceTimersByTime(500);
  }
  expect(screen.visible()).toEqual(["warning: be careful"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("live lines are cut to a narrow terminal, so that they never wrap", () => {
  const screen = recordedScreen({ isTTY: true, columns: 20 });
  using view = terminalView(screen, { env });
  view.sink({ type: "phase-started", node, phase: "a phase with 漢字 and a long name", time });
  vi.advanceTimersByTime(1000);
  expect(screen.visible()).toEqual(["… main  a phase wit"]);
});

test("off a terminal phases are plain lines, with a second one when they end", () => {
  const screen = recordedScreen({ isTTY: false });
  using view = terminalView(screen, { env });
  view.sink({ type: "node-started", node, time });
  view.sink({ type: "phase-started", node, phase: "users", time });
  view.sink(finished("users", 0.2));
  view.sink({ type: "phase-started", node, phase: "packages", time });
  view.sink({ type: "progress", node, detail: "1 of 66", time });
  vi.advanceTimersByTime(5000);
  view.sink(finished("packages", 5));
  view.sink({ type: "artifact", node, path: "/p/image.raw", bytes: 1536, time });
  expect(screen.written()).toBe(
    "  main  users\n✓ main  users  0.2s\n  main  packages\n✓ main  packages  5.0s\n= main  /p/image.raw  1.5 KiB\n",
  );
});

test("phases in which nothing was done are one line, with --debug a line each", () => {
  const shown = (options: { readonly debug?: boolean }) => {
    const screen = recordedScreen({ isTTY: false });
    using view = terminalView(screen, { env, ...options });
    const report = nodeReport(node, view.sink);
    for (const phase of ["base", "users", "kernels"]) report.kept(phase);
    report.artifact("/p/image.raw", 1536);
    report.kept("late");
    view[Symbol.dispose]();
    return screen.written();
  };
  expect(shown({})).toBe(
    "✓ main  Kept: base … kernels  (3 steps)\n= main  /p/image.raw  1.5 KiB\n✓ main  Kept: late\n",
  );
  expect(shown({ debug: true })).toContain("✓ main  Kept: base\n✓ main  Kept: users\n✓ main  Kept: kernels\n");
});

test("--quiet leaves warnings and errors", () => {
  const screen = recordedScreen({ isTTY: true });
  using view = terminalView(screen, { env, quiet: true });
  view.sink({ type: "phase-started", node, phase: "packages", time });
  view.sink(finished("packages", 5, "failed"));
  for (const level of ["info", "warning", "error"] as const) view.sink({ type: "message", level, text: level, time });
  vi.advanceTimersByTime(1000);
  expect(screen.visible()).toEqual(["warning: warning", "error: error"]);
});

test("--debug shows the output of tools as whole lines that say whose they are", () => {
  const screen = recordedScreen({ isTTY: false });
  using view = terminalView(screen, { env, debug: true });
  view.sink({ type: "output", node, text: "Get:1 tr", time });
  view.sink({ type: "output", node: "initrd", text: "10%\r100%\n", time });
  view.sink({ type: "output", node, text: "ixie\nlast", time });
  view.sink(finished("packages", 5));
  expect(screen.visible()).toEqual(["initrd | 100%", "main | Get:1 trixie", "main | last", "✓ main  packages  5.0s"]);
});

test("without --debug the output of tools is not shown", () => {
  const screen = recordedScreen({ isTTY: false });
  using view = terminalView(screen, { env });
  view.sink({ type: "output", node, text: "Get:1\n", time });
  expect(screen.written()).toBe("");
});

test("NO_COLOR leaves no colours", async () => {
  const paint = async (extra: Record<string, string>) => {
    const screen = recordedScreen({ isTTY: true });
    using view = terminalView(screen, { env: extra });
    const work = nodeReport(node, view.sink).phase("packages", () => Promise.reject(new Error("no")));
    await expect(work).rejects.toThrow("no");
    return screen.written();
  };
  expect(await paint({ NO_COLOR: "1" })).not.toContain("\x1b[1m");
  expect(await paint({})).toContain("\x1b[1m");
});

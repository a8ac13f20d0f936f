// The progress view: on a terminal one live line for each running node below the finished phases, elsewhere plain lines.

import { stripVTControlCharacters } from "node:util";
import type { BuildEvent, EventSink, Outcome } from "./events.ts";
import { lineSplitter } from "./lines.ts";
import { liveArea } from "./live-area.ts";
import { formatBytes, formatSeconds } from "./quantity.ts";
import { type Style, styleFor } from "./style.ts";
import { visible } from "./visible.ts";

/** What the view needs of a stream; `process.stderr` is one. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface TerminalOptions {
  /** Only warnings and errors. */
  readonly quiet?: boolean;
  /** The output of tools, too. */
  readonly debug?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

export interface TerminalView extends Disposable {
  readonly sink: EventSink;
}

interface Running {
  phase: string | undefined;
  since: number;
  detail: string;
}

/** Shows events on a screen until it is disposed of; then the live lines are gone. */
export function terminalView(screen: Screen, options: TerminalOptions = {}): TerminalView {
  const env = options.env ?? process.env;
  const style = styleFor(screen, env);
  const live = screen.isTTY === true && env["TERM"] !== "dumb" && options.quiet !== true;
  const running = new Map<string, Running>();
  /** Phases of nodes in which nothing was done, until it is known how many follow each other. */
  const kept = new Map<string, string[]>();
  let nodeWidth = 4;

  const label = (node: string) => node.padEnd(nodeWidth);
  const area = liveArea(screen, live, () =>
    [...running].flatMap(([node, { phase, since, detail }]) =>
      phase === undefined
        ? []
        : [
            `… ${label(node)}  ${phase}  ${formatSeconds((Date.now() - since) / 1000)}${detail === "" ? "" : `  ${detail}`}`,
          ],
    ),
  );
  const lines = lineSplitter((node, line) => area.print(`${style("label", `${label(node)} |`)} ${line}`));

  /** One line for all of them, unless everything is wanted. */
  function tellKept(node: string): void {
    const [first, ...others] = kept.get(node) ?? [];
    kept.delete(node);
    if (first === undefined) return;
    const last = others.at(-1);
    const count = style("label", `(${others.length + 1} steps)`);
    area.print(
      `${style("done", "✓")} ${label(node)}  Kept: ${last === undefined ? first : `${first} … ${last}  ${count}`}`,
    );
  }

  function show(event: BuildEvent): void {
    if ("node" in event && event.type !== "phase-kept") tellKept(event.node);
    switch (event.type) {
      case "node-started":
        nodeWidth = Math.max(nodeWidth, Math.min(event.node.length, 20));
        running.set(event.node, { phase: undefined, since: event.time, detail: "" });
        return;
      case "node-finished":
        lines.flush(event.node);
        running.delete(event.node);
        return;
      case "phase-started":
        running.set(event.node, { phase: event.phase, since: event.time, detail: "" });
        if (!live) area.print(`  ${label(event.node)}  ${event.phase}`);
        return;
      case "phase-finished":
        lines.flush(event.node);
        running.set(event.node, { phase: undefined, since: event.time, detail: "" });
        area.print(
          `${mark(event.outcome, style)} ${label(event.node)}  ${event.phase}${note(event.outcome)}  ${style("label", formatSeconds(event.elapsed))}`,
        );
        return;
      case "phase-kept":
        kept.set(event.node, [...(kept.get(event.node) ?? []), event.phase]);
        if (options.debug === true) tellKept(event.node);
        return;
      case "progress": {
        const state = running.get(event.node);
        if (state !== undefined) state.detail = stripVTControlCharacters(event.detail).replace(/\s+/g, " ").trim();
        return;
      }
      case "artifact":
        area.print(
          `${style("done", "=")} ${label(event.node)}  ${visible(event.path)}  ${style("label", formatBytes(event.bytes))}`,
        );
        return;
      case "test-finished":
        area.print(testText(event, style, label(event.node)));
        return;
      case "message":
      case "output":
      case "terminal":
        return;
    }
  }

  /** What happens while somebody else has the terminal. */
  let waiting: BuildEvent[] | undefined;

  function handOver(taken: boolean, text: string): void {
    if (taken) {
      waiting = [];
      area.hide();
      if (text !== "") area.print(visible(text));
      return;
    }
    const events = waiting ?? [];
    waiting = undefined;
    area.show();
    for (const event of events) sink(event);
  }

  function sink(event: BuildEvent): void {
    if (event.type === "terminal") handOver(event.taken, event.text);
    else if (waiting !== undefined) waiting.push(event);
    else {
      if (event.type === "message") {
        if (options.quiet !== true || event.level !== "info") area.print(messageText(event.level, event.text, style));
      } else if (event.type === "output") {
        if (options.debug === true) lines.add(event.node, event.text);
      } else if (options.quiet !== true || (event.type === "test-finished" && event.verdict === "failed")) show(event);
      area.refresh();
    }
  }

  return {
    sink,
    [Symbol.dispose]() {
      for (const node of kept.keys()) tellKept(node);
      lines.flush();
      area[Symbol.dispose]();
    },
  };
}

function messageText(level: "info" | "warning" | "error", text: string, style: Style): string {
  return level === "info" ? visible(text) : `${style(level, `${level}:`)} ${visible(text)}`;
}

/** A line, and for a test that has failed why, what was printed last and where all of it is. */
function testText(event: BuildEvent & { readonly type: "test-finished" }, style: Style, image: string): string {
  const { name, verdict, seconds, reason, excerpt, logs } = event;
  const [color, sign] =
    verdict === "passed"
      ? (["done", "✓"] as const)
      : verdict === "failed"
        ? (["error", "✗"] as const)
        : (["warning", "-"] as const);
  const why = reason === undefined ? "" : `: ${visible(reason)}`;
  const more = [
    ...(excerpt === undefined ? [] : excerpt.split("\n").map((line) => `| ${visible(line)}`)),
    ...(logs === undefined ? [] : [`Logs: ${visible(logs)}`]),
  ];
  return [
    `${style(color, sign)} ${image}  ${visible(name)}  ${style("label", formatSeconds(seconds))}${why}`,
    ...more.map((line) => `    ${line}`),
  ].join("\n");
}

function mark(outcome: Outcome, style: Style): string {
  if (outcome === "failed") return style("error", "✗");
  return outcome === "cancelled" ? style("warning", "-") : style("done", "✓");
}

function note(outcome: Outcome): string {
  return outcome === "done" ? "" : ` (${outcome})`;
}

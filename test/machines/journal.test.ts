// ForwardJournal=: who receives, and that nothing that was sent is lost at the end.

import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { forwardJournal } from "../../src/machines/journal.ts";
import { runMachine } from "../../src/machines/run.ts";
import type { Vsock } from "../../src/machines/vsock.ts";
import { makeProject } from "../support/project.ts";
import { type Play, play } from "./play.ts";

function withReceiver(made: Play): Play {
  const { toolbox } = made.context;
  const root = toolbox.kind === "tree" ? toolbox.root : "";
  mkdirSync(join(root, "usr/lib/systemd"), { recursive: true });
  writeFileSync(join(root, "usr/lib/systemd/systemd-journal-remote"), "");
  return made;
}

test.each([
  ["x.journal", "none", "/journal/x.journal", 1],
  ["x", "host", "/journal", 100],
])("%s is written by systemd-journal-remote", async (name, split, output, files) => {
  const place = makeProject();
  const config = { format: "disk", kvm: "disabled", tpm: "disabled", forwardJournal: join(place, name) } as const;
  let credentials = "";
  const { context, specs } = withReceiver(
    play(config, async (qemu) => {
      await qemu.boot();
      credentials = qemu.spec.argv.join(" ");
      qemu.end(0);
    }),
  );
  expect(await runMachine(context)).toBe(0);
  const receiver = specs.find(({ argv }) => argv[0]?.endsWith("systemd-journal-remote"));
  expect(receiver).toMatchObject({ endsOrderly: true });
  expect(receiver?.argv.slice(1)).toEqual([
    ...["--listen-raw=/run/machine/journal", `--split-mode=${split}`, `--output=${output}`],
  ]);
  expect(receiver?.mounts).toContainEqual(
    expect.objectContaining({ type: "file", content: expect.stringContaining(`MaxFiles=${files}\n`) }),
  );
  expect(credentials).toContain("vhost-user-vsock-pci");
});

test("the end waits until everything is read", async () => {
  const { context } = withReceiver(play({ forwardJournal: join(makeProject(), "x.journal") }, async () => {}));
  const path = join(context.directory, "inlet");
  const vsock = { inlet: async () => ({ path, address: "vsock-stream:2:5" }) } as Vsock;
  const receiver = createServer();
  let read = "";
  receiver.on("connection", (socket) => {
    // A slow disk.
    setTimeout(() => socket.on("data", (part) => (read += part.toString())), 100);
  });
  const runner = {
    ...context.runner,
    start: async (spec: Parameters<typeof context.runner.start>[0]) => {
      await new Promise<void>((resolve) => void receiver.listen(join(context.directory, "journal"), resolve));
      return await context.runner.start(spec);
    },
  };
  onTestFinished(() => void receiver.close());
  const journal = await forwardJournal({ ...context, runner }, vsock);
  expect(journal?.address).toBe("vsock-stream:2:5");
  const guest = connect(path);
  await new Promise((resolve) => void receiver.once("connection", resolve));
  const text = "MESSAGE=x\n\n".repeat(10_000);
  await new Promise<void>((resolve) => void guest.end(text, resolve));
  await journal?.[Symbol.asyncDispose]();
  expect(read.length).toBe(text.length);
});

test.each([
  [{ vsock: "disabled" }, "ForwardJournal= takes a vsock, and VSock=no"],
  [{}, "ForwardJournal= takes systemd-journal-remote, which is not installed"],
] as const)("%j is refused by name", async (config, words) => {
  const { context } = play({ format: "disk", kvm: "disabled", forwardJournal: "/x", ...config }, async () => {});
  await expect(runMachine(context)).rejects.toThrow(words);
});

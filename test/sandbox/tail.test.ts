import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { CommandFailure } from "../../src/sandbox/spawn.ts";
import { printedBy } from "../../src/sandbox/tail.ts";

test("neither the log nor an error's excerpt shows the PIN of a token that a program prints in pieces", async () => {
  const line = (pin: string) => `+ systemd-measure sign --private-key=pkcs11:object=k?pin-value=${pin}`;
  const error = Readable.from([
    Buffer.from(line("se")),
    Buffer.from("cret --bank=sha256\nfailed: "),
    Buffer.from(line("secret")),
  ]);
  const log: string[] = [];
  const printed = printedBy([null, error], (text) => log.push(text));
  await finished(error);
  printed.flush();
  const expected = `${line("…")} --bank=sha256\nfailed: ${line("…")}`;
  expect(log.join("")).toBe(expected);
  expect(printed.tail()).toBe(expected);
  expect(new CommandFailure(["ukify"], 1, line("secret")).details.excerpt).toBe(line("…"));
});

test("lines of two streams are not mixed, and the end of a running program's output has what is not yet a line", () => {
  const streams = [new Readable({ read() {} }), new Readable({ read() {} })] as const;
  const log: string[] = [];
  const printed = printedBy(streams, (text) => log.push(text));
  streams[0].emit("data", Buffer.from("one, "));
  streams[1].emit("data", Buffer.from("other\npin-value=12"));
  streams[0].emit("data", Buffer.from("whole\n"));
  expect(log).toEqual(["other\n", "one, whole\n"]);
  expect(printed.tail()).toBe("other\none, whole\npin-value=…");
});

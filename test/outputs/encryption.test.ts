import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkEncryption } from "../../src/outputs/encryption.ts";
import { makeImage } from "../support/image.ts";
import { makeDirectory, writeTree } from "../support/tree.ts";

test.each([
  ["Encrypt=key-file", "", /Encrypt=key-file\), and there is none/],
  ["Encrypt = key-file+tpm2", "", /Encrypt=key-file\+tpm2\)/],
  ["Encrypt=off", "Encrypt=key-file", /there is none/],
  ["Encrypt=key-file", "Encrypt=off", undefined],
  ["Encrypt=tpm2", "", undefined],
  ["#Encrypt=key-file", "", undefined],
])("%s with the drop-in %j and no passphrase", async (definition, dropIn, message) => {
  const directory = makeDirectory();
  await writeTree(directory, {
    "r/10-root.conf": `[Partition]\nType=root\n${definition}\n`,
    "r/10-root.conf.d/x.conf": `[Partition]\n${dropIn}\n`,
  });
  const run = () => checkEncryption(makeImage({ repartDirectories: [join(directory, "r")] }));
  if (message === undefined) return run();
  expect(run).toThrow(message);
  expect(run).toThrow(
    expect.objectContaining({
      details: expect.objectContaining({
        origin: {
          kind: "file",
          path: join(directory, dropIn === "" ? "r/10-root.conf" : "r/10-root.conf.d/x.conf"),
          line: dropIn === "" ? 3 : 2,
          column: 1,
        },
      }) as unknown,
    }),
  );
});

test("a passphrase is a file", () => {
  const directory = makeDirectory();
  const check = (passphrase: string) => () => checkEncryption(makeImage({ passphrase }));
  expect(check(join(directory, "none"))).toThrow(/none does not exist/);
  expect(check(directory)).toThrow(/is a directory/);
  const file = join(directory, "file");
  writeFileSync(file, "secret");
  chmodSync(file, 0o600);
  check(file)();
});

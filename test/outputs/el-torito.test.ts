import { join } from "node:path";
import { expect, test } from "vitest";
import { checkElTorito } from "../../src/outputs/el-torito.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";
import { makeDirectory, writeTree } from "../support/tree.ts";

const check = (config: Partial<Config>) => () => checkElTorito(makeImage({ format: "disk", ...config }));

test("identifiers that do not fit are told of with their setting", () => {
  check({ elTorito: "enabled", elToritoVolume: "A".repeat(32), elToritoPublisher: "A".repeat(128) })();
  expect(check({ elTorito: "enabled", elToritoVolume: "A".repeat(33) })).toThrow(
    "ElToritoVolume= has 33 characters, and there is room for 32",
  );
  expect(check({ elToritoSystem: "A".repeat(33) })).toThrow("ElToritoSystem= has 33");
  expect(check({ elToritoPublisher: "A".repeat(129) })).toThrow("ElToritoPublisher= has 129");
  check({ elTorito: "disabled", elToritoVolume: "A".repeat(33) })();
});

test("a catalogue leads to an EFI system partition", async () => {
  const directory = makeDirectory();
  await writeTree(directory, {
    "none/10.conf": "[Partition]\nType=root\n",
    "named/10.conf": "[Partition]\nType = esp\n",
    "uuid/10.conf": "[Partition]\nType=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n",
  });
  const own = (name: string, elTorito: Config["elTorito"] = "enabled") =>
    check({ elTorito, repartDirectories: [join(directory, name)] });
  expect(own("none")).toThrow("none of its partitions is an EFI system partition");
  for (const name of ["named", "uuid"]) own(name)();
  own("none", "auto")();
  check({ elTorito: "enabled" })();
});

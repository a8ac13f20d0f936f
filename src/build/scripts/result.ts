// What a step of the build overlay leaves for the image: files in the notes of its layer.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../report/whole-file.ts";
import { bindReadOnly } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";
import type { Layer } from "../store/layers.ts";

/** Of the notes: what is $DESTDIR. */
export const DESTINATION = "dest";

const RESULTS = [DESTINATION, "artifacts", "output", "packages"];

/** Beside the notes: the digest of the results, once it was asked for. */
const DIGEST = "result";

/** All of a tree but its times. */
const DIGEST_SCRIPT = `set -o pipefail
tar --create --directory=/results --sort=name --mtime=@0 --numeric-owner --format=posix \
    --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime --xattrs '--xattrs-include=*' "$@" | sha256sum`;

/** A digest of what a layer hands on. Steps that use it need not run again when it is the same as before. */
export async function resultOf({ runner, toolbox }: ImageContext, { notes }: Layer): Promise<string> {
  const kept = join(notes, "..", DIGEST);
  const known = await readFile(kept, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const results = RESULTS.filter((name) => existsSync(join(notes, name)));
  if (results.length === 0) return "";
  const { stdout: digest } = await runner.run({
    argv: ["bash", "-ec", DIGEST_SCRIPT, "digest", ...results],
    base: { kind: "tools", toolbox },
    mounts: [bindReadOnly(notes, "/results")],
    output: "capture",
  });
  await writeWhole(kept, digest);
  return digest;
}

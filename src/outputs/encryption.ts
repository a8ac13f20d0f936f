// Whether encrypted partitions have a passphrase: without one systemd-repart takes the empty key, and says nothing.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { fileProblem } from "../settings/types/files.ts";
import { definedValues } from "./definitions.ts";

/** Stops when Passphrase= names no file, or when definitions ask for one and it is not set. @throws {Failure} */
export function checkEncryption(image: Image): void {
  const { passphrase, format, repartDirectories } = image.config;
  if (passphrase !== null) return checkFile(image, passphrase);
  if (format !== "disk") return;
  const definition = definedValues(repartDirectories, "Encrypt").find(({ value }) => value.startsWith("key-file"));
  if (definition === undefined) return;
  const { path, line } = definition;
  throw new Failure(
    `image ${image.name}: a partition is to be encrypted by a passphrase (Encrypt=${definition.value}), and there is none`,
    {
      origin: { kind: "file", path, line, column: 1 },
      remedy: "write it into mkosi.passphrase with mode 0600 and without a line end, or name its file in Passphrase=",
    },
  );
}

function checkFile(image: Image, passphrase: string): void {
  const problem = fileProblem(passphrase);
  if (problem === undefined) return;
  throw new Failure(`image ${image.name}: the passphrase file ${passphrase} ${problem}`, {
    origin: image.origin("passphrase"),
    remedy: "write the passphrase into a file with mode 0600 and without a line end, or correct Passphrase=",
  });
}

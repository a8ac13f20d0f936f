// Whether a disk can have the El Torito boot catalogue that is asked for.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { settings } from "../settings/index.ts";
import { definedValues } from "./definitions.ts";

/** How many bytes the descriptors of ISO 9660 have for them. */
const LONGEST = { elToritoSystem: 32, elToritoVolume: 32, elToritoPublisher: 128 } as const;
const ESP = ["esp", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"];

/** Stops when an identifier is too long, or when there is no partition that the catalogue could lead to. @throws {Failure} */
export function checkElTorito(image: Image): void {
  const { config, name } = image;
  if (config.format !== "disk" || config.elTorito === "disabled") return;
  for (const key of ["elToritoSystem", "elToritoVolume", "elToritoPublisher"] as const) {
    const length = Buffer.byteLength(config[key] ?? "");
    if (length <= LONGEST[key]) continue;
    throw new Failure(
      `image ${name}: ${settings[key].name}= has ${length} characters, and there is room for ${LONGEST[key]}`,
      {
        origin: image.origin(key),
        remedy: "take a shorter one",
      },
    );
  }
  if (config.elTorito !== "enabled" || config.repartDirectories.length === 0) return;
  const types = definedValues(config.repartDirectories, "Type").map(({ value }) => value.toLowerCase());
  if (types.some((type) => ESP.includes(type))) return;
  throw new Failure(`image ${name}: ElTorito=yes, but none of its partitions is an EFI system partition`, {
    origin: image.origin("elTorito"),
    remedy: "add a definition with Type=esp to RepartDirectories=, or set ElTorito=auto",
  });
}

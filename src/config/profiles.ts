// Profiles that somebody wants and that do not exist, with the nearest that does.

import type { Origin } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import type { SettingKey } from "../settings/index.ts";
import { namesIn } from "../settings/types/files.ts";
import { ValueError } from "../settings/types/value.ts";
import type { FinishedValue } from "./finished.ts";
import type { LoadedImage } from "./images.ts";
import type { Session } from "./session.ts";

interface Wanted {
  readonly setting: FinishedValue | undefined;
  /** Where a profile may be found. */
  readonly images: readonly LoadedImage[];
  /** What the image is called in messages; the main image has no name there. */
  readonly owner?: string;
  /** Names that are another's to find. */
  readonly except?: readonly string[];
}

/** Warns about Profiles=, InitrdProfiles= and ToolsTreeProfiles= that no image has; others are all but the main one. */
export function reportUnknownProfiles(
  session: Session,
  main: LoadedImage,
  others: readonly LoadedImage[],
  tools: LoadedImage | undefined,
): void {
  const own = namesOf(main.finished.get("profiles"));
  const initrd = others.find((image) => image.state.name === "default-initrd");
  const report = (wanted: Wanted): void => reportUnknown(session, wanted);
  report({ setting: main.finished.get("profiles"), images: [main, ...others] });
  for (const image of others) {
    if (image !== initrd) {
      report({
        setting: image.finished.get("profiles"),
        images: [image],
        owner: `the image “${image.state.name}”`,
        except: own,
      });
    }
  }
  const builtin = (key: SettingKey, image: LoadedImage | undefined, owner: string): void => {
    if (image !== undefined) report({ setting: main.finished.get(key), images: [image], owner });
  };
  builtin("initrdProfiles", initrd, "the default initrd");
  builtin("toolsTreeProfiles", tools, "the default tools tree");
}

function reportUnknown(session: Session, { setting, images, owner, except = [] }: Wanted): void {
  const found = new Set([...images.flatMap((image) => [...image.state.foundProfiles]), ...except]);
  namesOf(setting).forEach((name, index) => {
    if (found.has(name)) return;
    const origin: Origin | undefined = setting?.origins[index];
    if (searched(images).some((directory) => profilesIn(directory).includes(name))) {
      session.diagnostics.push({
        level: "warning",
        strict: true,
        message: `the profile “${name}”${owner === undefined ? "" : ` of ${owner}`} is not read: it was chosen too late`,
        origin,
        remedy: "Profiles cannot choose further ones: choose it with --profile, in mkosi.conf or in mkosi.conf.d/.",
      });
      return;
    }
    const files = `neither mkosi.profiles/${name} nor mkosi.profiles/${name}.conf exists`;
    session.diagnostics.push({
      level: "warning",
      strict: true,
      message: `there is no profile “${name}”${owner === undefined ? "" : ` of ${owner}`}: ${files}`,
      origin,
      remedy: remedyFor(name, images),
    });
  });
}

function remedyFor(name: string, images: readonly LoadedImage[]): string {
  const known = [...new Set(searched(images).flatMap(profilesIn))].sort();
  const near = suggest(name, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  return known.length === 0 ? "There are no profiles here." : `Profiles are ${known.join(", ")}.`;
}

function searched(images: readonly LoadedImage[]): string[] {
  return [...new Set(images.flatMap((image) => [...image.state.profileDirectories]))];
}

function profilesIn(directory: string): string[] {
  try {
    return namesIn(directory).map((entry) => entry.replace(/\.conf$/, ""));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return [];
  }
}

function namesOf(setting: FinishedValue | undefined): readonly string[] {
  return (setting?.value ?? []) as readonly string[];
}

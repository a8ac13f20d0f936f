// Further profiles of unified kernel images: UnifiedKernelImageProfiles=. Each becomes a small PE file, whose sections
// ukify appends to the image. Follows the UAPI Group's Unified Kernel Image specification ("Multi-Profile UKIs").

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { UkiProfile } from "../settings/types/special.ts";
import type { TreeContext } from "../tools/context.ts";
import { contentDigest } from "../tools/digest.ts";
import { requireTool, systemdVersion } from "../tools/tool.ts";
import { runUkify, type UkiSection } from "../tools/ukify.ts";
import { stubVersion } from "./microcode.ts";
import { stubPlace } from "./stub.ts";
import { addPackage, efiName } from "./wanted.ts";

/** The first systemd-stub and the first ukify that know profiles. */
const WITH_PROFILES = 257;

export interface ProfileOptions {
  /** The unified image's own stub, … */
  readonly stub: string;
  /** … the one for add-ons, which profiles are made with (undefined: there is none), … */
  readonly addonStub: string | undefined;
  /** … and the command line, which profiles add to. */
  readonly commandLine: string;
}

/** Makes the image's profiles, in their order. @throws {Failure} {CommandFailure} */
export async function buildProfiles(context: TreeContext, options: ProfileOptions): Promise<readonly UkiSection[]> {
  const profiles = context.image.config.unifiedKernelImageProfiles;
  if (profiles.length === 0) return [];
  const stub = await checkPrograms(context, options);
  const sections: UkiSection[] = [];
  for (const [index, profile] of profiles.entries()) {
    const output = join(context.scratch, `uki-profile-${index}.efi`);
    await buildProfile(context, profile, { stub, commandLine: options.commandLine }, output);
    sections.push({ option: "--join-profile", path: output });
  }
  return sections;
}

async function buildProfile(
  context: TreeContext,
  { profile, cmdline }: UkiProfile,
  { stub, commandLine }: Pick<ProfileOptions, "stub" | "commandLine">,
  output: string,
): Promise<void> {
  const text = profileText(profile);
  const whole = [commandLine, ...cmdline].filter((word) => word !== "").join(" ");
  const description = `${output}.profile`;
  await writeFile(description, text);
  await context.derive(context, {
    what: "Profile of unified kernel images",
    from: () => [text, whole, contentDigest(stub)],
    output,
    make: (own) =>
      runUkify(own, {
        stub,
        kernel: undefined,
        kernelVersion: "",
        initrds: [],
        osRelease: undefined,
        commandLine: whole,
        efiArchitecture: efiName(context),
        sections: [{ option: "--profile", path: description }],
        output,
      }),
  });
}

/** The content of the section: assignments as in os-release(5). */
export function profileText(profile: UkiProfile["profile"]): string {
  return Object.entries(profile)
    .map(([key, value]) => {
      const quoted = /^[\p{L}\p{N}]*$/u.test(value) ? value : `"${value.replaceAll(/["\\$`]/g, "\\$&")}"`;
      return `${key}=${quoted}\n`;
    })
    .join("");
}

/** Stops when profiles cannot be told apart. @throws {Failure} */
export function checkProfiles(image: Image): void {
  const ids = new Set<string>();
  for (const profile of image.config.unifiedKernelImageProfiles) {
    const id = profile.profile["ID"] ?? "";
    const origin = image.origin("unifiedKernelImageProfiles", profile);
    if (id === "") {
      throw new Failure(`image ${image.name}: a profile of its unified kernel images has no ID`, {
        origin,
        remedy: "write Profile=ID=NAME in the [UKIProfile] section of its file",
      });
    }
    if (ids.has(id)) {
      throw new Failure(`image ${image.name}: two profiles of its unified kernel images have the ID ${id}`, {
        origin,
        remedy: "give each an ID of its own (Profile=ID=NAME), or name one file only",
      });
    }
    ids.add(id);
  }
}

/** @returns the stub for add-ons */
async function checkPrograms(context: TreeContext, options: ProfileOptions): Promise<string> {
  const { image } = context;
  const origin = image.origin("unifiedKernelImageProfiles");
  requireTool(context, "ukify", "to make profiles of unified kernel images");
  const { addonStub: found } = options;
  if (found === undefined || !existsSync(found)) {
    throw new Failure(
      `image ${image.name}: profiles of unified kernel images are made with systemd's stub for add-ons, and it is not in the image (/${stubPlace(context, "addon")})`,
      { origin, remedy: addPackage(context, "bootloader") },
    );
  }
  const ukify = await systemdVersion(context, "ukify");
  if (ukify < WITH_PROFILES) {
    throw new Failure(`ukify ${ukify} makes no profiles of unified kernel images, ${WITH_PROFILES} is the first`, {
      origin,
      remedy: "use a tools tree with a newer systemd (ToolsTree=default, ToolsTreeRelease=)",
    });
  }
  const stub = await stubVersion(options.stub);
  if (stub >= WITH_PROFILES) return found;
  throw new Failure(
    `image ${image.name}: its systemd-stub ${stub === 0 ? "" : `${stub} `}knows no profiles, that of systemd ${WITH_PROFILES} is the first`,
    { origin, remedy: "use a newer release of the distribution, or remove UnifiedKernelImageProfiles=" },
  );
}

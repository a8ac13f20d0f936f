// What the host must have when there is no tools tree: found out at the start, so that a build does not end after
// minutes for want of a program.

import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import { type Runner, type Toolbox, toolboxRoot } from "../sandbox/spec.ts";
import { usedPairs } from "../signing/check.ts";
import { grubPrograms } from "../tools/grub.ts";
import { namesIn } from "../tools/names-in.ts";
import { hasTool } from "../tools/tool.ts";

/** The first systemd whose tools take the options we use, and whose repart makes disk images without loop devices. */
const SYSTEMD = 254;

/** Programs that packing in a format takes, beyond the package manager's. */
const FORMAT_PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  disk: ["systemd-repart", "mkfs.ext4", "mkfs.vfat", "mcopy"],
  esp: ["systemd-repart", "mkfs.vfat", "mcopy"],
  uki: ["ukify", "cpio"],
  tar: ["tar"],
  cpio: ["cpio", "zstd"],
};

/** What finishes every tree. */
const SYSTEMD_PROGRAMS = ["systemctl", "systemd-sysusers", "systemd-tmpfiles", "systemd-firstboot"];
const BOOT_PROGRAMS = ["ukify", "bootctl", "depmod"];

/**
 * What is missing in a toolbox for building these images.
 * @param extra programs that are needed besides
 * @returns for each thing a short phrase, `ukify` or `systemd 254 or newer (there is 252)`
 */
export async function missingTools(
  images: readonly Image[],
  toolbox: Toolbox,
  runner: Runner,
  extra: readonly string[] = [],
): Promise<readonly string[]> {
  const programs = new Set([...images.flatMap(requiredPrograms), ...extra]);
  const isThere = (program: string) => program.split("|").some((name) => hasTool(toolbox, name));
  const missing = [...programs]
    .filter((program) => !isThere(program))
    .map((program) => program.replaceAll("|", " or "));
  if (!missing.includes("systemctl") && images.some((image) => !isTools(image))) {
    const version = await systemdVersion(toolbox, runner);
    if (version < SYSTEMD) missing.push(`systemd ${SYSTEMD} or newer (there is ${version})`);
  }
  return missing;
}

/** The tools tree makes do with any systemd: it is there for hosts that have an old one. */
function isTools(image: Image): boolean {
  return image.name === "tools";
}

function requiredPrograms(image: Image): string[] {
  const { config } = image;
  const bootable =
    config.bootable !== "disabled" &&
    (config.format === "disk" || config.format === "esp" || config.bootable === "enabled");
  const packageManager = distributionOf(image).packageManager(config);
  return [
    ...packageManager.programs,
    ...(packageManager.name === "dnf" && config.repositoryKeyFetch ? ["curl"] : []),
    ...SYSTEMD_PROGRAMS,
    ...(config.rootPassword !== null && !config.rootPassword.hashed ? ["openssl"] : []),
    ...(config.selinuxRelabel === "enabled" ? ["setfiles"] : []),
    ...(FORMAT_PROGRAMS[config.format] ?? []),
    ...(bootable ? [...BOOT_PROGRAMS, ...grubPrograms(config)] : []),
    ...signingPrograms(image),
    ...(config.splitArtifacts.includes("pcrs") && (bootable || config.format === "uki") ? ["systemd-measure"] : []),
  ];
}

/** Those that nothing else would name in time. */
function signingPrograms(image: Image): string[] {
  const { secureBootSignTool: tool, signExpectedPcr } = image.config;
  return usedPairs(image).flatMap(({ purpose }) => {
    if (purpose === "secureBoot") return [tool === "auto" ? "systemd-sbsign|sbsign" : tool];
    return purpose === "signExpectedPcr" && signExpectedPcr === "enabled" ? ["systemd-measure"] : [];
  });
}

/** By the name of the library that systemd's programs share, as starting one of them takes longer than a whole step. */
async function systemdVersion(toolbox: Toolbox, runner: Runner): Promise<number> {
  const root = toolboxRoot(toolbox);
  const [version, ...others] = ["usr/lib", "usr/lib64"]
    .flatMap((path) =>
      ["", ...namesIn(join(root, path)).filter((name) => name.includes("-linux-"))].map((name) =>
        join(root, path, name, "systemd"),
      ),
    )
    .flatMap(namesIn)
    .flatMap((name) => /^libsystemd-shared-(\d+)/.exec(name)?.[1] ?? []);
  if (version !== undefined && others.every((other) => other === version)) return Number(version);
  const { stdout } = await runner.run({
    argv: ["systemctl", "--version"],
    base: { kind: "tools", toolbox },
    output: "capture",
  });
  return Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
}

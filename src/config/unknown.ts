// What to say about names that are not (or no longer) in the language.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Origin } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import { rows } from "../settings/index.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Session } from "./session.ts";

/** Settings that were removed, and what does their work now. */
const GONE: Readonly<Record<string, string>> = {
  RuntimeScratch: "Mount a tmpfs in the machine, or give it a drive with Drives=.",
  CDROM: "Use DiskType=scsi-cd.",
  QemuCdrom: "Use DiskType=scsi-cd.",
  QemuGui: "Use Console=gui.",
  NetworkZone: "Use RuntimeNetwork=.",
  Hyperv: "It has no successor.",
  Partitions: "Write partition definitions into mkosi.repart/.",
  RootSize: "Write partition definitions into mkosi.repart/.",
  ESPSize: "Write partition definitions into mkosi.repart/.",
  SwapSize: "Write partition definitions into mkosi.repart/.",
  HomeSize: "Write partition definitions into mkosi.repart/.",
  SrvSize: "Write partition definitions into mkosi.repart/.",
  Bootorigin: "It has no successor.",
  CacheInitrds: "Use Incremental=.",
  InstallDirectory: "Build scripts install into $DESTDIR, which is made part of the image.",
  BuildSourcesTargets: "Use BuildSources=SOURCE:TARGET.",
  Cache: "Use CacheDirectory= or PackageCacheDirectory=.",
  Default: "Use Include=.",
};

const GONE_SECTIONS: Readonly<Record<string, string>> = {
  Packages: "Its settings are in [Content] now.",
  Partitions: "Write partition definitions into mkosi.repart/ instead.",
  Preset: "Its settings are in [Config] now; images are in mkosi.images/.",
};

const SECTION_NAMES = [
  ...new Set(rows.map(([, row]) => row.section as string)),
  "Match",
  "TriggerMatch",
  "Assert",
  "TriggerAssert",
];

/** A message about a setting that was removed; undefined when there never was one of that name. */
export function reportGone(name: string, origin: Origin, excerpt: string): Diagnostic | undefined {
  const successor = Object.hasOwn(GONE, name) ? GONE[name] : undefined;
  if (successor === undefined) return undefined;
  return {
    level: "warning",
    strict: true,
    message: `${name}= does not exist any more and is ignored`,
    remedy: successor,
    origin,
    excerpt,
  };
}

export function unknownSetting(name: string, origin: Origin, excerpt: string): Diagnostic {
  const near = suggest(
    name,
    rows.flatMap(([, row]) => [row.name, ...(row.oldNames ?? [])]),
  );
  return {
    level: "warning",
    strict: true,
    message: `${name}= is not a setting and is ignored`,
    remedy: near === undefined ? "Run mkosi help for all settings." : `Did you mean ${near}=?`,
    origin,
    excerpt,
  };
}

export function unknownSection(name: string, origin: Origin, excerpt: string): Diagnostic {
  const gone = Object.hasOwn(GONE_SECTIONS, name) ? GONE_SECTIONS[name] : undefined;
  const near = suggest(name, SECTION_NAMES);
  return {
    level: "warning",
    strict: true,
    message: `[${name}] is not a section and is ignored`,
    remedy:
      gone ??
      (near === undefined
        ? `Sections are ${SECTION_NAMES.map((known) => `[${known}]`).join(", ")}.`
        : `Did you mean [${near}]?`),
    origin,
    excerpt,
  };
}

/** Files that were configuration once. */
const OLD_FILES: Readonly<Record<string, string>> = {
  "mkosi.default": "Rename it to mkosi.conf.",
  "mkosi.default.d": "Rename it to mkosi.conf.d, and the files in it to NAME.conf.",
  "mkosi.presets": "Rename it to mkosi.images.",
};

/** Says what lies in a directory and is not read any more (or, mkosi.presets, only for now). */
export function reportOldFiles(session: Session, directory: string | undefined): void {
  if (directory === undefined) return;
  for (const [name, remedy] of Object.entries(OLD_FILES)) {
    const path = join(directory, name);
    if (!existsSync(path)) continue;
    const isRead = name === "mkosi.presets" && !existsSync(join(directory, "mkosi.images"));
    const message = `${name} is ${isRead ? "the former name of mkosi.images" : "not read any more"}`;
    session.diagnostics.push({ level: "warning", message, remedy, origin: { kind: "pickup", path } });
  }
}

// The conditions of [Match], [TriggerMatch], [Assert] and [TriggerAssert]: single ones here, whole sections in
// conditions.ts.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ARCHITECTURES, type Architecture, EFI_NAMES, nativeArchitecture } from "../facts/architectures.ts";
import { compareVersions } from "../formats/version-compare.ts";
import type { SettingKey, Tree } from "../settings/index.ts";
import type { Matcher } from "../settings/setting.ts";
import { parseFeature } from "../settings/types/boolean.ts";
import { parseChoice } from "../settings/types/choice.ts";
import { compilePattern } from "../settings/types/glob.ts";
import { normalizePath } from "../settings/types/path.ts";
import { type ParseContext, ValueError } from "../settings/types/value.ts";
import { keyByName, type Machine } from "./session.ts";
import { rowOf, typeOf } from "./values.ts";

/** Conditions that are about no setting. */
export const OTHER_CONDITIONS = ["PathExists", "SystemdVersion", "HostArchitecture", "Image"] as const;

/** Compares a setting's value with what a condition asks for. @throws {ValueError} when the condition's text is wrong */
export function matchesSetting(
  key: SettingKey,
  matcher: Matcher,
  wanted: string,
  value: unknown,
  context: ParseContext,
): boolean {
  if (value === null) return false;
  switch (matcher) {
    case "equal":
      return wanted === value;
    case "word":
      return wordOf(key, wanted, context) === value;
    case "pattern":
      return compilePattern(wanted).test(value as string);
    case "version":
      return matchesVersion(wanted, value as string);
    case "feature":
      return parseFeature(wanted) === value;
    case "element": {
      const elements = value as readonly string[];
      return wanted === "" ? elements.length === 0 : elements.includes(wanted);
    }
    case "entry":
      return matchesEntry(wanted, value as Readonly<Record<string, string>>);
    case "architecture":
      if (wanted === "uefi") return EFI_NAMES[value as Architecture] !== undefined;
      return parseChoice(wanted, ARCHITECTURES) === value;
    case "build-sources": {
      const target = normalizePath(wanted.replace(/^\/+/, ""));
      return (value as readonly Tree[]).some((tree) => tree.target === target);
    }
  }
}

function wordOf(key: SettingKey, wanted: string, context: ParseContext): unknown {
  const change = typeOf(key).parse(wanted, context);
  if (change.type !== "set") throw new ValueError("the condition has no value to compare with");
  return change.value;
}

function matchesEntry(wanted: string, value: Readonly<Record<string, string>>): boolean {
  const equals = wanted.indexOf("=");
  if (equals < 0) return Object.hasOwn(value, wanted);
  const name = wanted.slice(0, equals);
  return Object.hasOwn(value, name) && value[name] === wanted.slice(equals + 1);
}

/** Whether a condition compares versions. */
export function isVersionCondition(name: string): boolean {
  const key = keyByName.get(name);
  return name === "SystemdVersion" || (key !== undefined && rowOf(key).match === "version");
}

/** `>=1.2` and the like; without an operator the versions must be equal. */
export function matchesVersion(wanted: string, version: string): boolean {
  const [, operator = "", operand = ""] = /^(==|!=|<=|>=|<|>|)([^]*)$/.exec(wanted) ?? [];
  const order = compareVersions(version, operand, "zero");
  switch (operator) {
    case "!=":
      return order !== 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    default:
      return order === 0;
  }
}

/** Conditions about the machine and the image. @throws {ValueError} when the condition's text is wrong */
export function matchesOther(
  name: (typeof OTHER_CONDITIONS)[number],
  wanted: string,
  image: string,
  directory: string,
  machine: Machine,
): boolean {
  switch (name) {
    case "PathExists":
      return wanted !== "" && existsSync(resolve(directory, wanted));
    case "Image":
      return wanted === image;
    case "HostArchitecture":
      return parseChoice(wanted, ARCHITECTURES) === nativeArchitecture();
    case "SystemdVersion":
      return wanted !== "" && matchesVersion(wanted, systemdVersion(machine));
  }
}

function systemdVersion(machine: Machine): string {
  try {
    return machine.runFile(["systemctl", "--version"], "/").trim().split(/\s+/)[1] ?? "";
  } catch {
    throw new ValueError("SystemdVersion= cannot be compared: systemctl --version did not work here", {
      remedy: "Install systemd on this machine, or do without the condition.",
    });
  }
}

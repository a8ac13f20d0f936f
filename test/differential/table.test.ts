// Our tables of settings, options, verbs and conditions have all names of the original's, with the same meaning.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FLAGS, type Flag } from "../../src/cli/flags.ts";
import { LONG, SHORT } from "../../src/cli/options.ts";
import { RENAMED_VERBS, VERBS } from "../../src/cli/verbs.ts";
import { OTHER_CONDITIONS } from "../../src/config/match.ts";
import { rows, type Setting } from "../../src/settings/index.ts";
import { peerDirectory } from "../support/peer.ts";
import { peerMissing } from "./peer.ts";

interface PeerFacts {
  readonly settings: readonly Readonly<Record<string, unknown> & { readonly name: string }>[];
  readonly options: readonly { readonly names: readonly string[]; readonly argument: boolean }[];
  readonly verbs: readonly { readonly name: string; readonly operands: boolean }[];
  readonly conditions: readonly string[];
  readonly specifiers: readonly string[];
  readonly manual: Readonly<Record<"settings" | "options" | "short" | "verbs" | "specifiers", readonly string[]>>;
}

function askFacts(): PeerFacts {
  const run = spawnSync("python3", [join(import.meta.dirname, "peer-facts.py")], {
    env: { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages"), PYTHONDONTWRITEBYTECODE: "1" },
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`the original's facts cannot be read: ${run.stderr}`);
  return JSON.parse(run.stdout) as PeerFacts;
}

/** What the original's table says of a setting, read from ours; the types are compared by their values elsewhere. */
function asPeer(row: Setting): Record<string, unknown> {
  const bare = (name: string): string => name.replace(/^mkosi\./, "");
  return {
    name: row.name,
    section: row.section,
    option: row.option,
    short: row.short ?? "",
    scope: row.scope,
    tools: row.tools ?? false,
    match: row.match !== undefined,
    specifier: row.specifier ?? "",
    pickup: (row.pickup ?? []).map(bare),
    pickupEach: (row.pickupEach ?? []).map(bare),
    text: row.pickupText ?? false,
    secret: row.pickupSecret ?? false,
    oldNames: [...(row.oldNames ?? [])].sort(),
    oldOptions: [...(row.oldOptions ?? [])].sort(),
  };
}

const missing = peerMissing();

describe.skipIf(missing !== undefined)(
  `the original's names${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    const facts = missing === undefined ? askFacts() : undefined;
    const { settings = [], options = [], verbs = [], conditions = [], specifiers = [], manual } = facts ?? {};

    test("the same settings", () => {
      const ours = rows.filter(([, row]) => row.own !== true).map(([, row]) => row.name);
      expect([...ours].sort()).toEqual(settings.map((setting) => setting.name).sort());
    });

    test.each(settings.map((setting) => [setting.name, setting] as const))("%s=", (name, theirs) => {
      const row = rows.find(([, each]) => each.name === name)?.[1];
      expect(row === undefined ? undefined : asPeer(row)).toEqual(theirs);
    });

    test("every option, with or without argument", () => {
      const wrong = options.flatMap(({ names, argument }) =>
        names.filter((name) => {
          const target = name.startsWith("--") ? LONG.get(name.slice(2)) : SHORT.get(name.slice(1));
          if (target === undefined) return true;
          if ("flag" in target) return (target.flag.metavar !== undefined) !== argument;
          return (target.means === undefined) !== argument;
        }),
      );
      expect(wrong).toEqual([]);
      expect(options.length).toBeGreaterThan(200);
    });

    test("every verb, with or without arguments", () => {
      const wrong = verbs.filter(({ name, operands }) => {
        const verb = VERBS.find((known) => known.name === (RENAMED_VERBS[name] ?? name));
        return verb === undefined || (verb.operands !== undefined) !== operands;
      });
      expect(wrong).toEqual([]);
    });

    test("every condition that is about no setting", () => {
      expect([...OTHER_CONDITIONS].sort()).toEqual([...conditions].sort());
    });

    test("what its manual explains", () => {
      const names = new Set(rows.flatMap(([, row]) => [row.name, ...(row.oldNames ?? [])]));
      const others = ["Cmdline", "Profile", "SignExpectedPcr", "OutputFormat", ...OTHER_CONDITIONS];
      expect(manual?.settings.filter((name) => !names.has(name) && !others.includes(name))).toEqual([]);
      // misprints (it does not take these itself), and an example
      const misprints = ["sign-expected-certificate-source", "sign-expected-key-source", "some-setting"];
      expect(manual?.options.filter((name) => !LONG.has(name))).toEqual(misprints);
      expect(manual?.short.filter((letter) => !SHORT.has(letter))).toEqual([]);
      expect(manual?.verbs.filter((name) => !VERBS.some((verb) => verb.name === name))).toEqual([]);
      expect(manual?.settings.length).toBeGreaterThan(150);
      expect(manual?.verbs.length).toBeGreaterThan(15);
    });

    test("every specifier", () => {
      // %u stands in the name that genkey gives a certificate, not in configurations
      const ours = new Set(["C", "P", "D", "F", "I", "u", ...rows.map(([, row]) => row.specifier ?? "")]);
      expect([...specifiers].filter((letter) => !ours.has(letter))).toEqual([]);
      const explained = (manual?.specifiers ?? [])
        .filter((each) => /^%[A-Za-z]/.test(each))
        .map((each) => each.slice(1));
      expect(explained.filter((letter) => !ours.has(letter))).toEqual([]);
      expect(explained.length).toBeGreaterThan(10);
    });
  },
);

test("flags of today are shown, the others are dead", () => {
  const hidden = (FLAGS as readonly Flag[]).filter((flag) => flag.help === undefined).map((flag) => flag.option);
  expect(hidden).toEqual(["nspawn-keep-unit", "default", "cache", "runtime-scratch"]);
});

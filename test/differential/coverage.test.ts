// The projects of the differential test use everything that the configuration language has. Neither random ones count
// nor those that are refused, and of settings and conditions only what has had an effect: what stands in a file that is
// left out is not used.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FLAGS, type Flag } from "../../src/cli/flags.ts";
import { SHORT } from "../../src/cli/options.ts";
import { parseIni } from "../../src/config/ini.ts";
import { OTHER_CONDITIONS } from "../../src/config/match.ts";
import { findProgram } from "../../src/sandbox/find-program.ts";
import { rows } from "../../src/settings/index.ts";
import { BUILTIN_CONFIGURATIONS } from "../../src/settings/types/builtin.ts";
import { layOut } from "./case.ts";
import { chosenCases } from "./cases/index.ts";
import { builtin, layOutHome, readCase } from "./ours.ts";

interface Assignment {
  readonly file: string;
  readonly section: string;
  readonly name: string;
  readonly value: string;
}

const accepted = chosenCases.filter((entry) => entry.refused === undefined);
const files = accepted.flatMap((entry) => Object.entries(entry.files ?? {}));
const paths = files.map(([path]) => path);
const texts = files.flatMap(([path, spec]) =>
  typeof spec === "string" && spec !== "/" && path.endsWith(".conf") ? [[path, spec] as const] : [],
);
const sections = texts.flatMap(([file, text]) => parseIni(text).map((section) => ({ file, section })));
const assignments: readonly Assignment[] = sections.flatMap(({ file, section }) =>
  section.items.flatMap((item) =>
    item.kind === "entry"
      ? [{ file, section: section.name, name: item.key, value: item.lines.map((line) => line.text).join("\n") }]
      : [],
  ),
);
const CONDITIONS = ["Match", "TriggerMatch", "Assert", "TriggerAssert"];
const settings = assignments.filter(({ section }) => !CONDITIONS.includes(section));
const conditions = assignments.filter(({ section }) => CONDITIONS.includes(section));
const argv = accepted.flatMap((entry) => [...(entry.argv ?? [])]);

const sectionNames = new Set(sections.map(({ section }) => section.name));
const { assigned, emptied, matched } = await namesInUse();
const long = new Set(argv.filter((word) => word.startsWith("--")).map((word) => word.slice(2).replace(/=.*$/s, "")));
const short = new Set(argv.filter((word) => /^-[^-]/.test(word)).flatMap(lettersOf));

interface NamesInUse {
  /** Settings that got a value, by the names that were written in files. */
  readonly assigned: ReadonlySet<string>;
  readonly emptied: ReadonlySet<string>;
  /** Names in conditions that were decided. */
  readonly matched: ReadonlySet<string>;
}

/** What the projects that are accepted really use: they are read for that. */
async function namesInUse(): Promise<NamesInUse> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-coverage-")));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  layOutHome(root);
  const used = { assigned: new Set<string>(), emptied: new Set<string>(), matched: new Set<string>() };
  for (const [index, entry] of accepted.entries()) {
    if (entry.needs !== undefined && findProgram(entry.needs) === undefined) continue;
    const directory = join(root, String(index), "project");
    layOut(directory, entry.files ?? {});
    const project = await readCase(entry, directory, root);
    const images = project.tools === undefined ? project.images : [...project.images, project.tools];
    for (const event of images.flatMap(({ history }) => history)) {
      if (event.type === "assigned") {
        if (event.origin.kind !== "file" || event.origin.path.startsWith(builtin)) continue;
        (event.text === "" ? used.emptied : used.assigned).add(event.name.replace(/=$/, ""));
        continue;
      }
      if (event.path.startsWith(builtin)) continue;
      const conditions = event.type === "read" ? event.conditions : [event.condition ?? ""];
      for (const condition of conditions) used.matched.add(condition.replace(/=.*$/s, ""));
    }
  }
  return used;
}

/** The options in `-iTt=disk`. */
function lettersOf(word: string): string[] {
  const letters: string[] = [];
  for (const letter of word.slice(1)) {
    letters.push(letter);
    const target = SHORT.get(letter);
    if (target !== undefined && ("flag" in target ? target.flag.metavar !== undefined : target.means === undefined))
      break;
  }
  return letters;
}

const table = rows.map(([, row]) => row).filter(({ own }) => own !== true);
/** Flags that change nothing about the configuration, or that only we have. */
const OURS = [
  "version",
  "help",
  "strict",
  "quiet",
  "jobs",
  "image",
  "before",
  "after",
  "list",
  "tap",
  "junit",
  "check",
  "write",
  "html",
];

const missingFrom = (used: ReadonlySet<string>, wanted: readonly string[]): string[] =>
  wanted.filter((name) => !used.has(name));

describe("every name is used", () => {
  test.each([
    ["setting", assigned, table.map((row) => row.name)],
    ["old name of a setting", assigned, table.flatMap((row) => row.oldNames ?? [])],
    ["setting that is emptied", emptied, table.map((row) => row.name).filter((name) => name !== "DelegateRanges")],
    ["option", long, table.map((row) => row.option)],
    ["old option", long, table.flatMap((row) => row.oldOptions ?? [])],
    ["short option", short, table.flatMap((row) => row.short ?? [])],
    ["flag", long, flags(OURS)],
    ["section", sectionNames, [...table.map((row) => row.section), ...CONDITIONS, "Host", "UKIProfile"]],
    ["condition", matched, [...table.flatMap((row) => (row.match === undefined ? [] : row.name)), ...OTHER_CONDITIONS]],
    ["former name of a condition", matched, ["Profile"]],
    ["picked-up file", new Set(paths.flatMap((path) => path.split("/"))), table.flatMap((row) => row.pickup ?? [])],
  ] as const)("%s", (_, used, wanted) => expect(missingFrom(used, [...new Set(wanted)])).toEqual([]));

  test("files that are picked up one by one", () => {
    const patterns = table.flatMap((row) => row.pickupEach ?? []);
    const unused = patterns.filter((pattern) => {
      const [directory = "", suffix = ""] = pattern.split("/*");
      return !paths.some((path) => path.startsWith(`${directory}/`) && path.endsWith(suffix));
    });
    expect(patterns.length).toBeGreaterThan(5);
    expect(unused).toEqual([]);
  });
});

function flags(without: readonly string[]): string[] {
  return (FLAGS as readonly Flag[]).map((flag) => flag.option).filter((option) => !without.includes(option));
}

test.each(["%", "&"])("specifiers after %s", (sign) => {
  const letters = Array.from(sign === "%" ? "draotOivCPDFI%" : "draivIbekh&");
  const used = new Set(settings.flatMap(({ value }) => [...value.matchAll(/[%&]./g)].map(([text]) => text)));
  expect(letters.filter((letter) => !used.has(sign + letter))).toEqual([]);
});

const has = (pattern: RegExp): boolean => paths.some((path) => pattern.test(path));
const says = (name: RegExp, value: RegExp, all: readonly Assignment[] = settings): boolean =>
  all.some((each) => name.test(each.name) && value.test(each.value));
const asks = (name: RegExp, value: RegExp): boolean => says(name, value, conditions);
const count = (of: string): number =>
  Math.max(...texts.map(([, text]) => parseIni(text).filter((section) => section.name === of).length));
const file = (name: string): boolean => texts.some(([path]) => path === name);

/** The rules of the language, as issue 3 lists them. */
const RULES: Readonly<Record<string, boolean>> = {
  "mkosi.local.conf": file("mkosi.local.conf"),
  "mkosi.local/": file("mkosi.local/mkosi.conf"),
  "mkosi.local.conf of an image": has(/^mkosi\.images\/[^/]+\/mkosi\.local\.conf$/),
  "mkosi.conf.d/ with files": has(/^mkosi\.conf\.d\/[^/]+\.conf$/),
  "mkosi.conf.d/ with directories": has(/^mkosi\.conf\.d\/[^/]+\/mkosi\.conf$/),
  "mkosi.conf.d/ in mkosi.conf.d/": has(/^mkosi\.conf\.d\/[^/]+\/mkosi\.conf\.d\//),
  "a profile that is a file": has(/^mkosi\.profiles\/[^/]+\.conf$/),
  "a profile that is a directory": has(/^mkosi\.profiles\/[^/]+\/mkosi\.conf$/),
  "a profile of an image": has(/^mkosi\.images\/[^/]+\/mkosi\.profiles\//),
  "a profile of what is included": has(/^inc\/.*mkosi\.profiles\//),
  "an image that is a file": has(/^mkosi\.images\/[^/]+\.conf$/),
  "an image that is a directory": has(/^mkosi\.images\/[^/]+\/mkosi\.conf$/),
  "mkosi/": file("mkosi/mkosi.conf"),
  "mkosi/ with images": has(/^mkosi\/mkosi\.images\//),
  "mkosi/ with mkosi.tools.conf only": has(/^mkosi\/mkosi\.tools\.conf$/),
  "mkosi.tools.conf": file("mkosi.tools.conf"),
  "mkosi.tools.conf/": file("mkosi.tools.conf/mkosi.conf"),
  "mkosi.initrd.conf": file("mkosi.initrd.conf"),
  "mkosi.initrd.conf/": file("mkosi.initrd.conf/mkosi.conf"),
  "a trigger": asks(/./, /^\|[^!]/),
  "a negated condition": asks(/./, /^![^=]/),
  "a negated trigger": asks(/./, /^\|!/),
  "several [Match]": count("Match") > 1,
  "several [TriggerMatch]": count("TriggerMatch") > 1,
  "several [Assert]": count("Assert") > 1,
  "several [TriggerAssert]": count("TriggerAssert") > 1,
  "[Match] on *, ? and […]": [/\*/, /\?/, /\[!/].every((glob) => asks(/^ImageId$/, glob)),
  "[Match] on several architectures": asks(/^Architecture$/, /^uefi$/),
  "[Match] on the host": asks(/^(HostArchitecture|SystemdVersion)$/, /./),
  "every comparison of versions": ["=", "==", "!=", "<", "<=", ">", ">="].every((sign) =>
    asks(/^ImageVersion$/, sign === "=" ? /^\d/ : new RegExp(`^${sign}\\d`)),
  ),
  "versions with ~, ^, - and letters": [/~/, /\^/, /-/, /[a-z]/].every((part) => asks(/^ImageVersion$/, part)),
  "[Match] on a list that is empty": asks(/^(Profiles|Repositories)$/, /^$/),
  "a specifier in a condition": asks(/./, /%[a-z]/),
  "[Include] of a file": says(/^Include$/, /\.conf/),
  "[Include] of a directory": says(/^Include$/, /\/dir/),
  "[Include] twice": settings.some(({ file: place, name }) => name === "Include" && place !== "mkosi.conf"),
  ...Object.fromEntries(
    BUILTIN_CONFIGURATIONS.map((name) => [
      `[Include] of ${name}`,
      argv.includes(name) || says(/^Include$/, new RegExp(`\\b${name}\\b`)),
    ]),
  ),
  "[UKIProfile]": sectionNames.has("UKIProfile"),
  "Dependencies= of images": settings.some(
    (each) => each.file.includes("mkosi.images") && each.name === "Dependencies",
  ),
  "PassEnvironment=": assigned.has("PassEnvironment"),
  "@Setting=": settings.some(({ name }) => name.startsWith("@")),
  quotes: says(/^Environment$/, /'.*"|".*'/),
  comments: texts.some(([, text]) => /^#/m.test(text) && /\S #/.test(text)),
  "continuation lines": says(/./, /\n/),
  "$VAR, ${VAR} and ~ in paths": [/\$[A-Z]/, /\$\{/, /~\//].every((part) => says(/Directory|Trees$/, part)),
  "an executable that supplies a value": ["mkosi.version", "mkosi.rootpw"].every((name) =>
    files.some(
      ([path, spec]) =>
        basename(path) === name &&
        typeof spec === "object" &&
        ("run" in spec || ("mode" in spec && spec.mode === 0o700)),
    ),
  ),
  "MinimumVersion= that is too new": chosenCases.some(
    (entry) => entry.refused !== undefined && entry.name.includes("minimum"),
  ),
  "-C with and without a directory": argv.includes("-C") && argv[argv.indexOf("-C") + 1] === "sub" && argv.includes(""),
  "a verb by its former name": argv.includes("qemu") && argv.includes("sandbox"),
};

test.each(Object.entries(RULES))("rule: %s", (_, used) => expect(used).toBe(true));

test("enough projects, of which enough are to be refused", () => {
  expect(chosenCases.length).toBeGreaterThan(150);
  expect(chosenCases.filter((entry) => entry.refused !== undefined).length).toBeGreaterThan(30);
});

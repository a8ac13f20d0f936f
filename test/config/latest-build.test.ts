// History=: what is remembered of a command line, and how it is taken, told and refused. That it is as in the original is
// the differential test's business.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { rememberOptions } from "../../src/build/remember.ts";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { ConfigurationFailure } from "../../src/config/diagnostics.ts";
import { explain, explainText } from "../../src/config/explain.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { mainImage, type Project } from "../../src/config/project.ts";
import { plain } from "../../src/report/style.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { machine } from "./support.ts";

const CONF = "[Distribution]\nDistribution=debian\nRelease=trixie\n[Content]\nPackages=own\n[Build]\nHistory=yes\n";

function call(directory: string, ...argv: string[]): Promise<Project> {
  return loadProject(parseCommandLine(argv, directory).args, machine);
}

function remembered(directory: string): string {
  return join(directory, ".mkosi-private/history/latest.json");
}

function project(tree: Tree = {}): string {
  return makeProject({ "mkosi.conf": CONF, ...tree });
}

function withFile(text: string): string {
  const directory = project();
  mkdirSync(dirname(remembered(directory)), { recursive: true });
  writeFileSync(remembered(directory), text);
  return directory;
}

test("settings with parts come back as they were", async () => {
  const directory = project({ tree: { file: "" }, "profile.conf": "[UKIProfile]\nProfile=ID=x\nCmdline=a b\n" });
  const options = [
    ...["--extra-tree=tree:/x", "--build-sources=tree:in", "--verity-key-source=engine:x", "--root-password=hashed:h"],
    ...["--uki-profile=profile.conf", "--environment=A=1", "--environment=B=x y", "--output-mode=0600"],
  ];
  const built = await call(directory, ...options, "build");
  await rememberOptions(built);
  const later = mainImage(await call(directory, "summary"));
  expect(later.config).toEqual({ ...mainImage(built).config, seed: later.config.seed });
  expect(mainImage(await call(directory, "-f", "summary")).config.extraTrees).toEqual([]);
});

test("a file is replaced as a whole, and nothing is left beside it", async () => {
  const directory = project();
  await rememberOptions(await call(directory, "-p", "a", "--hostname=h", "build"));
  await rememberOptions(await call(directory, "-p", "b", "build"));
  expect(JSON.parse(readFileSync(remembered(directory), "utf8"))).toEqual({ Packages: ["b"] });
  expect(readdirSync(dirname(remembered(directory)))).toEqual(["latest.json"]);
});

test("a place that cannot be written is a failure that names it", async () => {
  const directory = project({ ".mkosi-private": "a file" });
  await expect(call(directory, "build").then(rememberOptions)).rejects.toThrow(
    `their options cannot be remembered in ${remembered(directory)} (History=yes): `,
  );
});

test("explain tells that a value comes from the latest build, and not what was ignored for it", async () => {
  const directory = project();
  await rememberOptions(await call(directory, "-p", "a", "--hostname=h", "--image-id=", "build"));
  const later = await call(directory, "-p", "ignored", "explain");
  const text = explainText(later, explain(later, ["packages", "hostname", "imageId"]), plain);
  const from = `(${remembered(directory)})`;
  expect(text.replaceAll(from, "(FILE)").replaceAll(`${directory}/`, "").split("\n")).toEqual([
    "main: Packages = own a",
    "  mkosi.conf:5:1: Packages=own  (adds)",
    "  option --package of the latest build (FILE): Packages=a  (adds)",
    "",
    "main: Hostname = h",
    "  option --hostname of the latest build (FILE): Hostname=h  (sets)",
    "",
    "main: ImageId = —",
    "  option --image-id of the latest build (FILE): ImageId=  (empties)",
  ]);
  expect(later.warnings).toEqual([
    {
      level: "warning",
      message: "--package is ignored: the image was built with another value of Packages=",
      remedy: "Add -f to build the image with it.",
      origin: { kind: "option", option: "-p" },
    },
  ]);
});

test.each([
  ["", "it is empty"],
  ['{"Packages": [', "it is not JSON: "],
  ['["Packages"]', "it is not a JSON object"],
  ['{"Packages": "a"}', 'Packages must be a list, but is "a"'],
  ['{"Nonsense": 1}', "Nonsense is not a setting that an image has"],
])("the file %j is refused at its place, unless the verb builds anew", async (text, message) => {
  const directory = withFile(text);
  const failure = await call(directory, "vm").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigurationFailure);
  const [diagnostic, ...others] = (failure as ConfigurationFailure).diagnostics;
  expect(others).toEqual([]);
  expect(diagnostic?.message).toContain(`the options of the latest build cannot be read: ${message}`);
  expect(diagnostic).toMatchObject({
    level: "error",
    origin: { kind: "pickup", path: remembered(directory) },
    remedy: "Build again with -f, which replaces this file, or remove it.",
  });
  for (const argv of [["build"], ["-f", "vm"], ["clean"], ["check"]]) await call(directory, ...argv);
});

test("a directory in the place of the file is refused, too", async () => {
  const directory = project();
  mkdirSync(remembered(directory), { recursive: true });
  await expect(call(directory, "vm")).rejects.toThrow("the options of the latest build cannot be read: ");
});

test("without configuration files there is nothing to remember", async () => {
  const directory = withFile('{"Hostname": "h"}');
  const none = await call(directory, "-C", "", "--history=yes", "summary");
  expect(none.latestBuildFiles).toEqual([]);
  expect(mainImage(none).config.hostname).toBe(null);
});

// What configure scripts make of a project, without running any: their output becomes the configuration, is explained,
// and is refused by name where it is none.

import { expect, test } from "vitest";
import { applyScriptOutput, scriptInput, withImages } from "../../src/config/configured.ts";
import { explain, explainText } from "../../src/config/explain.ts";
import { imageJson } from "../../src/config/json.ts";
import { type Image, mainImage, type Project } from "../../src/config/project.ts";
import { Failure } from "../../src/report/failure.ts";
import { plain } from "../../src/report/style.ts";
import type { FileSpec } from "../differential/case.ts";
import { load } from "./support.ts";

const CONF = "[Distribution]\nDistribution=debian\nRelease=trixie\n[Content]\nPackages=a\n  b\nHostname=h\n";
const FILES: Readonly<Record<string, FileSpec>> = {
  "mkosi.conf": CONF,
  "mkosi.configure": { run: "#!/bin/sh\ncat\n" },
};

type Values = Record<string, unknown>;

async function loaded(files = FILES, ...argv: string[]): Promise<Project> {
  const { project, diagnostics } = await load(files, ...argv);
  if (project === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return project;
}

/** The main image after a script that changes the object it gets. */
function change(project: Project, edit: (json: Values) => unknown, image = mainImage(project)): Image {
  const json = JSON.parse(scriptInput(image)) as Values;
  const output = edit(json) ?? json;
  return applyScriptOutput(project, image, "/p/mkosi.configure", JSON.stringify(output));
}

function refusal(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

test("a script that prints what it gets changes nothing", async () => {
  const project = await loaded();
  const image = change(project, () => undefined);
  expect(image.config).toEqual(mainImage(project).config);
  expect(image.history).toEqual(mainImage(project).history);
  expect(image.origin("packages", "a")).toEqual(mainImage(project).origin("packages", "a"));
});

test("changed settings have their new values, and come from the script", async () => {
  const project = await loaded();
  const before = mainImage(project);
  const image = change(project, (json) => {
    Object.assign(json, { Packages: ["c", "a"], Hostname: null, ImageId: "x", Mirror: "http://m" });
  });
  const { packages, hostname, imageId, mirror } = image.config;
  expect({ packages, hostname, imageId, mirror }).toEqual({
    packages: ["c", "a"],
    hostname: null,
    imageId: "x",
    mirror: "http://m",
  });
  expect(imageJson(image)).toEqual({
    ...(imageJson(before) as Values),
    Packages: ["c", "a"],
    Hostname: null,
    ImageId: "x",
    Mirror: "http://m",
  });
  const script = { kind: "script", path: "/p/mkosi.configure" };
  expect(image.origin("packages", "c")).toEqual(script);
  expect(image.origin("packages", "a")).toEqual(before.origin("packages", "a"));
  expect(image.origin("packages")).toEqual(script);
  expect(image.origin("hostname")).toEqual(script);
  expect(image.origin("release")).toEqual(before.origin("release"));
});

test("a setting that is left out has its default; one that shapes other images cannot be left out", async () => {
  const project = await loaded(FILES, "--compress-level=7", "--tools-tree-package=x");
  const image = change(project, (json) => {
    delete json["CompressLevel"];
    delete json["Packages"];
    delete json["BuildSources"];
  });
  expect(image.config.compressLevel).toBe(3);
  expect(image.config.packages).toEqual([]);
  expect(image.config.buildSources).toEqual([{ source: project.directory, target: null }]);
  expect(image.config.toolsTreePackages).toEqual(["x"]);
});

test("explain names the script after everything else, and not for images that inherited before it ran", async () => {
  const project = await loaded({ ...FILES, "mkosi.images/sub.conf": "" }, "--release=sid", "--package=z");
  const configured = withImages(project, [
    ...project.images.slice(0, -1),
    change(project, (json) => Object.assign(json, { Release: "bookworm", Hostname: null })),
  ]);
  const text = explainText(configured, explain(configured, ["release", "hostname"]), plain);
  expect(text.replaceAll(`${project.directory}/`, "").split("\n")).toEqual([
    "sub: Release = sid",
    "  mkosi.conf:3:1: Release=trixie  (sets in the image main)",
    "  command line option --release: --release sid  (sets in the image main)",
    "",
    "sub: Hostname = —",
    "  nothing is assigned; this is its default",
    "",
    "main: Release = bookworm",
    "  mkosi.conf:3:1: Release=trixie  (sets)",
    "  command line option --release: --release sid  (sets)",
    "  configure script /p/mkosi.configure: Release=bookworm  (sets)",
    "",
    "main: Hostname = —",
    "  mkosi.conf:7:1: Hostname=h  (sets)",
    "  configure script /p/mkosi.configure: Hostname=  (empties)",
  ]);
});

test("what is no configuration is refused with script, image, setting and place", async () => {
  const project = await loaded({ ...FILES, "mkosi.images/sub.conf": "" });
  const [sub] = project.images;
  const failure = refusal(() => change(project, (json) => ({ ...json, Packages: "a" }), sub));
  expect(failure.message).toBe(
    'the configure script /p/mkosi.configure, run for the image sub: Packages must be a list, but is "a"',
  );
  expect(failure.details.remedy).toBe("Packages is a list of packages.");
  const renamed = refusal(() => change(project, (json) => ({ ...json, Image: "other" })));
  expect(renamed.message).toContain('run for the image main: Image is "other"');
  const text = refusal(() => applyScriptOutput(project, mainImage(project), "/p/mkosi.configure", "{'a': 1}"));
  expect(text.message).toContain("its output is not JSON: ");
});

test("images are put into the order of the changed dependencies", async () => {
  const project = await loaded({
    ...FILES,
    "mkosi.images/a.conf": "",
    "mkosi.images/b.conf": "",
    "mkosi.images/c.conf": "",
  });
  const names = ({ images }: Project): string[] => images.map(({ name }) => name);
  const depend = (dependencies: Readonly<Record<string, readonly string[]>>): Project =>
    withImages(
      project,
      project.images.map((image) => {
        const wanted = dependencies[image.name];
        return wanted === undefined ? image : change(project, (json) => ({ ...json, Dependencies: wanted }), image);
      }),
    );
  expect(names(depend({}))).toEqual(["a", "b", "c", "main"]);
  expect(names(depend({ main: ["a"], a: ["c"] }))).toEqual(["c", "a", "main"]);
  expect(refusal(() => depend({ a: ["b"], b: ["a"] })).message).toMatch(/circle: (a → b → a|b → a → b)$/);
  const unknown = refusal(() => depend({ b: ["none"] }));
  expect(unknown.message).toBe("the image “b” depends on “none”, which is no image of this project");
  expect(unknown.details.origin).toEqual({ kind: "script", path: "/p/mkosi.configure" });
});

// `mkosi matrix`: combinations, what the systems get of them, and that the example workflows ask for what there is.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { CHECKOUT, mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const TREE = {
  "mkosi.conf": "[Distribution]\nDistribution=debian\nRelease=trixie\n",
  "mkosi.profiles/debug.conf": "[Content]\nPackages=gdb\n",
  "mkosi.profiles/small/mkosi.conf": "[Assert]\nArchitecture=!arm64\n",
  "mkosi.images/base.conf": "[Output]\nFormat=directory\n",
};

interface Row {
  readonly name: string;
  readonly options: string;
}

const include = async (cwd: string, ...operands: string[]): Promise<Row[]> =>
  (JSON.parse((await mkosiOk(["matrix", ...operands], { cwd })).stdout) as { include: Row[] }).include;

test("one job without operands, with what the project is", async () => {
  expect(await include(makeProject(TREE), "--architecture=arm64")).toEqual([
    {
      name: "default",
      options: "",
      distribution: "debian",
      release: "trixie",
      architecture: "arm64",
      profiles: "",
      images: "base main",
    },
  ]);
});

test("combinations; what an [Assert] refuses is left out, and the options build the rest", async () => {
  const cwd = makeProject(TREE);
  const { stdout, stderr } = await mkosiOk(["matrix", "Architecture=x86-64,arm64", "Profiles=*,debug+small"], { cwd });
  const rows = (JSON.parse(stdout) as { include: Row[] }).include;
  expect(rows.map(({ name, options }) => `${name}: ${options}`)).toEqual([
    "x86-64: --architecture=x86-64 --profile=",
    "x86-64-debug: --architecture=x86-64 --profile=debug",
    "x86-64-small: --architecture=x86-64 --profile=small",
    "x86-64-debug+small: --architecture=x86-64 --profile=debug,small",
    "arm64: --architecture=arm64 --profile=",
    "arm64-debug: --architecture=arm64 --profile=debug",
  ]);
  expect(stderr).toContain(
    "--architecture=arm64 --profile=small is left out: Architecture=!arm64 of [Assert] does not hold",
  );
  const both = rows[3]?.options.split(" ") ?? [];
  const { Images } = JSON.parse((await mkosiOk([...both, "--json", "summary"], { cwd })).stdout) as {
    Images: { Profiles: string[] }[];
  };
  expect(Images.at(-1)?.Profiles).toEqual(["debug", "small"]);
});

test("a pipeline of GitLab", async () => {
  const { stdout } = await mkosiOk(["matrix", "gitlab", "release=trixie,forky"], { cwd: makeProject(TREE) });
  expect(JSON.parse(stdout)).toEqual({
    include: [{ local: "/.gitlab/mkosi.yml" }],
    "mkosi trixie": { extends: ".mkosi", variables: { MKOSI_OPTIONS: "--release=trixie" } },
    "mkosi forky": { extends: ".mkosi", variables: { MKOSI_OPTIONS: "--release=forky" } },
  });
});

test("bad operands", async () => {
  const cwd = makeProject(TREE);
  const refused = async (...operands: string[]): Promise<string> => {
    const { status, stderr } = await mkosi(["matrix", ...operands], { cwd });
    expect(status).toBe(1);
    return stderr;
  };
  expect(await refused("Relese=trixie")).toContain("Did you mean Release=?");
  expect(await refused("trixie")).toContain("“trixie” names no setting with values");
  expect(await refused("Release=a,,b")).toContain("a value is empty");
  expect(await refused("Release=a", "Release=b")).toContain("named more than once");
  expect(await refused("Format=disk,dsk")).toContain("“dsk” is not one of");
  expect(await refused("Architecture=arm64", "Profiles=small")).toContain("refuses every one");
});

test("the workflows in docs/ci have commands that there are", async () => {
  for (const name of ["github.yml", "gitlab.yml", "gitlab-mkosi.yml"]) {
    const text = readFileSync(join(CHECKOUT, "docs/ci", name), "utf8").replaceAll(
      /\$\{\{.*?\}\}|\$MKOSI_OPTIONS/g,
      "--release=trixie",
    );
    const commands = [...text.matchAll(/\bmkosi ((?:--?\w|fmt|matrix)[^&)>"\n]*)/g)].map(([, words = ""]) =>
      words.trim().split(" "),
    );
    expect(commands.length, name).toBeGreaterThan(0);
    for (const words of commands) {
      const { args, warnings } = parseCommandLine(words, CHECKOUT);
      expect(warnings).toEqual([]);
      if (args.verb === "matrix")
        expect(
          await include(makeProject(TREE), ...args.verbArguments.filter((word) => word !== "gitlab")),
        ).toHaveLength(6);
    }
  }
});

// What is said about mistakes: each with its place and what was meant, all of them at once.

import { describe, expect, test } from "vitest";
import { excerptOf } from "../../src/config/diagnostics.ts";
import { load, told } from "./support.ts";

const D = "[Distribution]\nDistribution=debian\n";

test("all errors of a project in one run", async () => {
  const loaded = await load({
    "mkosi.conf": "[Distribution]\nDistribution=debain\nRelease=trixie\n[Content]\nBootable=perhaps\n",
    "mkosi.conf.d/10.conf": "[Runtime]\nRAM=lots\nDrives=a:1G c:y\n       b:x\n",
    "mkosi.images/sub.conf": "[Output]\nFormat=floppy\n",
  });
  expect(loaded.project).toBeUndefined();
  expect(told(loaded).map((line) => line.replace(/ is not one of .*/, " is not one of …"))).toEqual([
    "error mkosi.conf:2:14 Distribution: “debain” is not one of …",
    "error mkosi.conf:5:10 Bootable: “perhaps” is neither a boolean nor “auto”",
    "error mkosi.conf.d/10.conf:2:5 RAM: “lots” is not a size",
    "error mkosi.conf.d/10.conf:3:13 Drives: “y” is not a size",
    "error mkosi.conf.d/10.conf:4:8 Drives: “x” is not a size",
    "error mkosi.images/sub.conf:2:8 Format: “floppy” is not one of …",
  ]);
});

test("the nearest name is offered", async () => {
  const loaded = await load({
    "mkosi.conf": `${D}Relase=x\n[Contnet]\nPackages=a\n[Content]\nPackges=a\n[Match]\n`,
    "mkosi.conf.d/x.conf": "[Match]\nDistributon=debian\n",
  });
  expect(loaded.diagnostics.map((diagnostic) => diagnostic.remedy)).toEqual([
    "Did you mean Release=?",
    "Did you mean [Content]?",
    "Did you mean Packages=?",
    "Did you mean Distribution=?",
  ]);
});

test("unknown names are warnings, with --strict errors", async () => {
  const files = { "mkosi.conf": `${D}[Nonsense]\nA=1\n[Content]\nUnheardOf=1\n` };
  const lenient = await load(files, "--profile=missing");
  expect(lenient.project).toBeDefined();
  expect(lenient.diagnostics.map((diagnostic) => diagnostic.level)).toEqual(["warning", "warning", "warning"]);
  const strict = await load(files, "--profile=missing", "--strict");
  expect(strict.project).toBeUndefined();
  expect(strict.diagnostics.map((diagnostic) => diagnostic.level)).toEqual(["error", "error", "error"]);
});

test("a setting that is indented by mistake", async () => {
  const loaded = await load({
    "mkosi.conf": `${D}[Content]\nPackages=a\n  Locale=x\n[Build]\nEnvironment=A=1\n  RAM=2\n`,
  });
  expect(told(loaded)).toEqual(["warning mkosi.conf:5:3 this line is part of Packages=, not a setting of its own"]);
});

test("places on the command line and of picked-up files", async () => {
  const loaded = await load({ "mkosi.conf": D, "mkosi.seed": "nonsense" }, "--ram=lots", "-t", "floppy");
  expect(told(loaded).map((line) => line.split(" is ")[0])).toEqual([
    "error --ram --ram: “lots”",
    "error -t -t: “floppy”",
    "error mkosi.seed Seed: “nonsense”",
  ]);
});

test("the line with a caret", async () => {
  const { diagnostics } = await load({ "mkosi.conf": `${D}[Runtime]\nCPUs=\ttwo\n` });
  expect(diagnostics[0]?.excerpt).toBe("CPUs= two\n      ^");
});

test("regular expressions that are none, at their places", async () => {
  const loaded = await load(
    {
      "mkosi.conf": `${D}[Content]\nKernelModulesInclude=fine.*,*bad\nKernelModulesExclude=[a\nKernelModules=xfs re:a(\n`,
      "mkosi.local.conf": "[Content]\nFirmwareFiles=-re:x,re:a\\y\n",
    },
    "--firmware-include=a)",
  );
  expect(told(loaded).map((line) => line.replace(/ is not a regular expression: .*/, ""))).toEqual([
    "error --firmware-include --firmware-include: “a)”",
    "error mkosi.local.conf:2:25 FirmwareFiles: “a\\y”",
    "error mkosi.conf:4:29 KernelModulesInclude: “*bad”",
    "error mkosi.conf:5:22 KernelModulesExclude: “[a”",
    "error mkosi.conf:6:22 KernelModules: “a(”",
  ]);
});

test("a profile that a profile chooses", async () => {
  const loaded = await load({
    "mkosi.conf": `${D}[Config]\nProfiles=a\n`,
    "mkosi.profiles/a.conf": "[Config]\nProfiles=c\n",
    "mkosi.profiles/c.conf": "",
  });
  expect(told(loaded)).toEqual([
    "warning mkosi.profiles/a.conf:2:10 the profile “c” is not read: it was chosen too late",
  ]);
  expect(loaded.diagnostics[0]?.excerpt).toBe("Profiles=c\n         ^");
});

test("profiles that nobody has", async () => {
  const files = {
    "mkosi.conf": `${D}[Config]\nProfiles=desktop,\n         sever\n[Content]\nInitrdProfiles=raidd\nBootable=yes\n`,
    "mkosi.profiles/server.conf": "",
    "mkosi.profiles/desktop/mkosi.conf": "",
    "mkosi.images/a.conf": "[Config]\nProfiles=other\n",
  };
  const loaded = await load(files, "--tools-tree=yes", "--tools-tree-profile=devil");
  const nobody = (name: string, owner = ""): string =>
    `there is no profile “${name}”${owner}: neither mkosi.profiles/${name} nor mkosi.profiles/${name}.conf exists`;
  expect(told(loaded)).toEqual([
    `warning mkosi.conf:5:10 ${nobody("sever")}`,
    `warning mkosi.conf:7:16 ${nobody("raidd", " of the default initrd")}`,
    `warning mkosi.images/a.conf:2:10 ${nobody("other", " of the image “a”")}`,
    `warning --tools-tree-profile ${nobody("devil", " of the default tools tree")}`,
  ]);
  expect(loaded.diagnostics.map((diagnostic) => diagnostic.remedy)).toEqual([
    "Did you mean server?",
    "Did you mean raid?",
    "There are no profiles here.",
    "Did you mean devel?",
  ]);
  const strict = await load(files, "--strict");
  expect(told(strict).map((line) => line.split(" ")[0])).toEqual(["error", "error", "error"]);
});

test("scripts that are not there", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nBuildScripts=here.sh missing.sh\n             none*.sh\nPostInstallationScripts=/nowhere/x\n`,
    "here.sh": { run: "" },
  };
  const loaded = await load(files, "--sync-script=gone");
  expect(told(loaded)).toEqual([
    "warning --sync-script --sync-script: “gone” does not exist, and is left out",
    "warning mkosi.conf:4:22 BuildScripts: “missing.sh” does not exist, and is left out",
    "warning mkosi.conf:5:14 BuildScripts: no file matches “none*.sh”",
    "warning mkosi.conf:6:25 PostInstallationScripts: “/nowhere/x” does not exist, and is left out",
  ]);
  expect(loaded.diagnostics.map(({ remedy }) => remedy?.replace(loaded.directory, "DIR"))).toEqual([
    "It was looked for in DIR.",
    "It was looked for in DIR.",
    "It was looked for in DIR.",
    "Make it, or remove it here.",
  ]);
  expect(told(await load(files, "--strict")).map((line) => line.split(" ")[0])).toEqual(["error", "warning", "error"]);
});

test("includes that are not built in", async () => {
  const obs = await load({ "mkosi.conf": `${D}[Include]\nInclude=mkosi-obs b.conf\n` });
  expect(told(obs)).toEqual([
    "error mkosi.conf:4:9 Include: “mkosi-obs” is not built in here",
    "error mkosi.conf:4:19 Include: “b.conf” does not exist",
  ]);
  expect(obs.diagnostics[0]?.remedy).toContain("can be included by its path");
  const typo = await load({ "mkosi.conf": D }, "--include=mkosi-initd");
  expect(told(typo)).toEqual(["error --include --include: “mkosi-initd” does not exist"]);
  expect(typo.diagnostics[0]?.remedy).toBe("Did you mean mkosi-initrd?");
  const own = await load({
    "mkosi.conf": `${D}[Include]\nInclude=mkosi-obs\n`,
    "mkosi-obs/mkosi.conf": "[Content]\nPackages=a\n",
  });
  expect(own.project?.images[0]?.config.packages).toEqual(["a"]);
});

test("long lines are cut around the caret", () => {
  const [line = "", caret = ""] = excerptOf(`${"x".repeat(500)}HERE${"y".repeat(500)}`, 501).split("\n");
  expect(line.length).toBeLessThanOrEqual(100);
  expect(line.slice(caret.length - 1)).toMatch(/^HERE/);
});

test("an assertion that does not hold", async () => {
  const loaded = await load({ "mkosi.conf": `${D}[Assert]\nFormat=tar\n` });
  expect(told(loaded)).toEqual(["error mkosi.conf:4:1 Format=tar of [Assert] does not hold: it is disk"]);
});

test("settings that an image must not have", async () => {
  const loaded = await load({ "mkosi.conf": D, "mkosi.images/a.conf": "[Distribution]\nRelease=sid\n" });
  expect(told(loaded)).toEqual(["error mkosi.images/a.conf:2:1 Release= cannot be set in the image “a”"]);
});

test("settings that tools trees do not have, or under another name", async () => {
  const files = {
    "mkosi.conf": `${D}[Build]\nToolsTree=default\n`,
    "mkosi.tools.conf": "[Content]\nBootable=yes\n[Distribution]\nRelease=sid\n",
  };
  expect((await load(files)).diagnostics.map(({ message, remedy }) => [message, remedy])).toEqual([
    ["Bootable= cannot be set in the image “tools”", "Tools trees have no such setting: remove it."],
    ["Release= cannot be set in the image “tools”", "Set ToolsTreeRelease= in the main image's configuration."],
  ]);
});

test("a circle of images", async () => {
  const loaded = await load({
    "mkosi.conf": D,
    "mkosi.images/a.conf": "[Config]\nDependencies=b\n",
    "mkosi.images/b.conf": "[Config]\nDependencies=a\n",
  });
  expect(told(loaded)).toEqual(["error mkosi.images/a.conf:2:14 images depend on each other in a circle: a → b → a"]);
  expect(loaded.diagnostics[0]?.excerpt).toBe(`Dependencies=b\n${" ".repeat(13)}^`);
});

test("all images that do not exist", async () => {
  const loaded = await load({ "mkosi.conf": D, "mkosi.images/a.conf": "[Config]\nDependencies=bb,cc\n" });
  expect(told(loaded)).toEqual([
    "error mkosi.images/a.conf:2:14 the image “a” depends on “bb”, which is no image of this project",
    "error mkosi.images/a.conf:2:17 the image “a” depends on “cc”, which is no image of this project",
  ]);
});

test("images whose names are taken", async () => {
  const images = { "mkosi.images/a/x": "", "mkosi.images/a.conf": "", "mkosi.images/tools.conf": "" };
  const loaded = await load({ "mkosi.conf": D, ...images });
  expect(told(loaded)).toEqual([
    "error mkosi.images/a.conf there is another image of the name “a”",
    "error mkosi.images/tools.conf “tools” is the name of an image that every project may have",
  ]);
});

test("every wrong condition of a file, below its value", async () => {
  const loaded = await load({
    "mkosi.conf": D,
    "mkosi.conf.d/x.conf": "[Match]\nDistrbution=debian\nReleas=x\n[Match]\nBootable=!perhaps\n",
  });
  expect(told(loaded)).toEqual([
    "error mkosi.conf.d/x.conf:2:1 Distrbution= cannot be used in [Match]",
    "error mkosi.conf.d/x.conf:3:1 Releas= cannot be used in [Match]",
    "error mkosi.conf.d/x.conf:5:11 Bootable: “perhaps” is neither a boolean nor “auto”",
  ]);
});

test("profiles of the unified kernel image, in their own file", async () => {
  const loaded = await load({
    "mkosi.conf": `${D}[Content]\nUnifiedKernelImageProfiles=own.conf\n`,
    "own.conf": "[UKIProfile]\nProfile=ID=own\nSignExpectedPcr=maybe\n",
    "mkosi.uki-profiles/a.conf": "Profile=ID=a\n",
    "mkosi.uki-profiles/b.conf": "[UKIProfil]\nProfile=ID=b\n[UKIProfile]\nCmdline=quiet\n",
    "mkosi.uki-profiles/c.conf": "[UKIProfile]\nProfile=ID=c\nProfle=TITLE=C\n",
  });
  expect(told(loaded)).toEqual([
    "error mkosi.uki-profiles/a.conf:1:1 “Profile=ID=a” stands before any section",
    "warning mkosi.uki-profiles/a.conf:1:1 this profile has no ID",
    "warning mkosi.uki-profiles/b.conf:1:1 [UKIProfil] is not a section and is ignored",
    "warning mkosi.uki-profiles/b.conf:3:1 this profile has no ID",
    "warning mkosi.uki-profiles/c.conf:3:1 Profle is not a setting of [UKIProfile]",
    "error own.conf:3:17 SignExpectedPcr: “maybe” is not a boolean",
  ]);
});

test("an image that does not exist", async () => {
  const loaded = await load({ "mkosi.conf": `${D}[Config]\nDependencies=bas\n`, "mkosi.images/base.conf": "" });
  expect(told(loaded)).toEqual([
    "error mkosi.conf:4:14 the image “main” depends on “bas”, which is no image of this project",
  ]);
  expect(loaded.diagnostics[0]?.remedy).toBe("Did you mean “base”?");
});

test("a problem that several images share is told once", async () => {
  const loaded = await load({
    "mkosi.conf": `${D}[Include]\nInclude=shared.conf\n`,
    "shared.conf": "[Content]\nFoo=1\n",
    "mkosi.images/a.conf": "[Include]\nInclude=shared.conf\n",
  });
  expect(told(loaded)).toEqual(["warning shared.conf:2:1 Foo= is not a setting and is ignored"]);
});

describe("files that cannot be read", () => {
  test("text that is not UTF-8, with its first wrong byte", async () => {
    const text = Buffer.concat([Buffer.from("[Content]\n# ä\ufffd"), Buffer.from([0xe4]), Buffer.from("\n")]);
    const loaded = await load({ "mkosi.conf": "", "mkosi.conf.d/x.conf": { text, mode: 0o644 } });
    expect(told(loaded)).toEqual(["error mkosi.conf.d/x.conf:2:5 this is not UTF-8 text"]);
  });

  test("a directory in place of a file", async () => {
    expect(told(await load({ "mkosi.conf/x": "" }))).toEqual([
      expect.stringContaining("mkosi.conf this is not a file"),
    ]);
  });

  test("a directory in place of a picked-up text", async () => {
    expect(told(await load({ "mkosi.conf": D, "mkosi.version/x": "" }))[0]).toContain("ImageVersion: ");
  });

  test("an include that is a loop of symlinks, and one that includes its own directory", async () => {
    expect(told(await load({ "mkosi.conf": `${D}[Include]\nInclude=l\n`, l: { link: "l" } }))).toEqual([
      "error mkosi.conf:4:9 Include: “l” is a loop of symbolic links",
    ]);
    const { project } = await load({ "mkosi.conf": `${D}[Include]\nInclude=.\n[Content]\nPackages=a\n` });
    expect(project?.images[0]?.config.packages).toEqual(["a", "a"]);
  });

  test("an executable that fails", async () => {
    const loaded = await load({ "mkosi.conf": D, "mkosi.version": { run: "#!/bin/sh\nexit 3\n" } });
    expect(told(loaded)).toEqual([expect.stringContaining("ImageVersion: mkosi.version could not be run")]);
  });

  test("a loop of symlinks", async () => {
    const loaded = await load({ "mkosi.conf": `${D}[Content]\nExtraTrees=loop\n`, loop: { link: "loop" } });
    expect(told(loaded)[0]).toContain("loop");
  });

  test("mkosi.conf.d that is a file", async () => {
    expect(told(await load({ "mkosi.conf": D, "mkosi.conf.d": "" }))).toEqual([
      "error mkosi.conf.d is not a directory",
    ]);
  });
});

test("problems of a file are told from top to bottom", async () => {
  const loaded = await load({ "mkosi.conf": `${D}[Content]\nBootable=perhaps\n  Locale=%z\nNothing=1\n` });
  expect(loaded.diagnostics.map(({ origin }) => (origin?.kind === "file" ? origin.line : 0))).toEqual([4, 5, 5, 6]);
});

test("a byte order mark is left out, and told", async () => {
  const loaded = await load({ "mkosi.conf": `\ufeff${D}Release=trixie\n[Content]\nLocale=\ufeffC\n` });
  expect(told(loaded)).toEqual(["warning mkosi.conf:1:1 the file begins with a byte order mark (U+FEFF)"]);
  expect(loaded.project?.images[0]?.config.locale).toBe("\ufeffC");
});

test("a section that is indented below a setting, and a percent sign at the end of a line", async () => {
  const loaded = await load({ "mkosi.conf": `${D}[Content]\nPackages=a\n  [Match]\n[Content]\nLocale=x%\n  [y]\n` });
  expect(told(loaded)).toEqual([
    "warning mkosi.conf:5:3 this line is part of Packages=, too",
    "warning mkosi.conf:7:8 “%” at the end of the line joins it with the next",
  ]);
  expect(loaded.project?.images[0]?.config.locale).toBe("x[y]");
});

test("an empty assignment in a UKI profile clears what was set", async () => {
  const loaded = await load({
    "mkosi.conf": D,
    "mkosi.uki-profiles/a.conf":
      "[UKIProfile]\nCmdline=a\nCmdline=\nProfile=ID=x\nProfile=\nSignExpectedPcr=no\nSignExpectedPcr=\n",
  });
  expect(loaded.project?.images[0]?.config.unifiedKernelImageProfiles).toEqual([
    { profile: {}, cmdline: [], signExpectedPcr: true },
  ]);
});

test("a # in the midst of a value, quotes and semicolons that mean nothing", async () => {
  const text =
    "[Content]\nHostname=h#x\nPackages=a # b\n  nano ; editor\nKernelCommandLine=c 'quiet splash' \"x y\"\n; off\n;On=1\n";
  const loaded = await load({ "mkosi.conf": `${D}${text}` });
  expect(told(loaded)).toEqual([
    "warning mkosi.conf:4:11 the value of Hostname= ends here, where a # begins a comment",
    "warning mkosi.conf:6:8 Packages: “;” is taken for an element; it begins no comment",
    "warning mkosi.conf:7:21 KernelCommandLine: “'quiet”: the quote is taken for a part of the text, and keeps no blanks together",
    "error mkosi.conf:8:1 “; off” has no “=”",
    "warning mkosi.conf:9:1 ;On= is not a setting and is ignored",
  ]);
  expect(loaded.diagnostics.slice(3).map(({ remedy }) => remedy)).toEqual([
    "Comments begin with #.",
    "Comments begin with #.",
  ]);
});

test("other people's words for architectures and formats", async () => {
  const remedies = async (text: string, ...argv: string[]): Promise<unknown> =>
    (await load({ "mkosi.conf": `${D}${text}` }, ...argv)).diagnostics.map(({ remedy }) => remedy);
  expect(await remedies("Architecture=amd64\n[Output]\nFormat=raw\n")).toEqual([
    "Did you mean “x86-64”?",
    "Did you mean “disk”?",
  ]);
  expect(await remedies("[Match]\nArchitecture=|aarch64\nFormat=|dir\n")).toEqual([
    "Did you mean “arm64”?",
    "Did you mean “directory”?",
  ]);
  expect(await remedies("", "--architecture=x86_64")).toEqual(["Did you mean “x86-64”?"]);
});

test("a directory without any configuration", async () => {
  expect(told(await load({}))).toEqual([
    expect.stringMatching(/^warning there is no configuration in .*: everything has its default$/),
  ]);
  expect(told(await load({}, "-d", "debian"))).toEqual([]);
  expect(told(await load({}, "-C", ""))).toEqual([]);
});

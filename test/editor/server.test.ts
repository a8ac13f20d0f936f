// The language server, by the protocol, on real trees: what an editor asks and what it gets.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type {
  CodeAction,
  CompletionItem,
  CompletionList,
  Hover,
  Location,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver/node";
import { type LanguageClient, startClient } from "../support/language-client.ts";
import { mkosi } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const TREE = {
  "mkosi.conf":
    "[Distribution]\nDistribution=debian\nRelease=trixie\n\n[Include]\nInclude=common\n\n[Config]\nProfiles=debug\nDependencies=base\n\n[Content]\nPackages=systemd\nHostname=one\n",
  "mkosi.conf.d/20-host.conf":
    "[Match]\nProfiles=debug\nImage=!base\n\n[Content]\nHostname=two\nPostInstallationScripts=scripts/post.sh\nExtraTrees=%O/base:/base\n",
  "mkosi.profiles/debug.conf": "[Content]\nPackages=strace\n",
  "mkosi.profiles/other.conf": "[Content]\nPakages=gdb\n",
  "mkosi.images/base/mkosi.conf": "[Output]\nFormat=directory\n",
  "common/mkosi.conf": "[Content]\nHostname=zero\n",
  "mkosi.repart/10-root.conf": "[Partition]\nType=root\nFormat=ext4\nCopyFiles=/\n",
  "mkosi.uki-profiles/one.conf": "[UKIProfile]\nProfile=ID=one\nCmdline=quiet\n",
  "scripts/post.sh": "#!/bin/sh\n",
};

const labels = async (client: LanguageClient, name: string, line: number, text: string): Promise<string[]> => {
  const list = await client.connection.sendRequest<CompletionList>(
    "textDocument/completion",
    client.at(name, line, text),
  );
  return list.items.map(({ label }) => label);
};

test("diagnostics are those of mkosi check, for texts that are not saved, too", async () => {
  const cwd = makeProject(TREE);
  const client = await startClient(cwd);
  const first = client.nextDiagnostics("mkosi.conf");
  client.open("mkosi.conf", TREE["mkosi.conf"].replace("Packages=systemd", "Pakages=systemd\nFormat=dsk"));
  await first;
  expect(client.told("mkosi.conf")).toEqual([
    "13:1-8 Pakages= is not a setting and is ignored",
    "14:1-7 Format= belongs in [Output], not in [Content]",
    "14:8-11 Format: “dsk” is not one of confext, cpio, directory, disk, esp, none, portable, sysext, tar, uki, oci, addon",
  ]);
  // the same as on the command line, once it is saved
  writeFileSync(join(cwd, "mkosi.conf"), TREE["mkosi.conf"].replace("Packages=systemd", "Pakages=systemd\nFormat=dsk"));
  const checked = JSON.parse((await mkosi(["--json", "check"], { cwd })).stdout) as {
    Diagnostics: { Message: string; Line: number; Column: number }[];
  };
  const told = ["mkosi.conf", "mkosi.conf.d/20-host.conf"].flatMap((name) => client.told(name));
  expect(told.map((line) => line.replace(/-\d+/, ""))).toEqual(
    checked.Diagnostics.map(({ Message, Line, Column }) => `${Line}:${Column} ${Message}`),
  );
  const second = client.nextDiagnostics("mkosi.conf");
  client.change("mkosi.conf", TREE["mkosi.conf"]);
  expect(await second).toEqual([]);
  expect(await client.stop()).toBe(0);
});

test("files that nothing reads, partition definitions and profiles of the kernel image have diagnostics", async () => {
  const cwd = makeProject(TREE);
  const client = await startClient(cwd);
  const found = ["mkosi.profiles/other.conf", "mkosi.repart/10-root.conf", "mkosi.uki-profiles/one.conf"];
  const all = found.map((name) => client.nextDiagnostics(name));
  client.open("mkosi.profiles/other.conf");
  client.open("mkosi.repart/10-root.conf", "[Partition]\nTpe=root\nMinimize=fastest\n");
  client.open("mkosi.uki-profiles/one.conf", "[UKIProfile]\nProfile=ID=one\nCmdlin=quiet\n");
  await Promise.all(all);
  expect(client.told("mkosi.profiles/other.conf")).toEqual(["2:1-8 Pakages= is not a setting and is ignored"]);
  expect(client.told("mkosi.repart/10-root.conf")).toEqual([
    "2:1-4 Tpe= is not a setting of [Partition] and is ignored",
    "3:10-17 Minimize: “fastest” is not one of off, best, guess, yes, no",
  ]);
  expect(client.told("mkosi.uki-profiles/one.conf")).toEqual(["3:1-7 Cmdlin is not a setting of [UKIProfile]"]);
});

test("completion", async () => {
  const cwd = makeProject({
    ...TREE,
    "cache/apt/debian~trixie~amd64~0/lists/x_Packages":
      "Package: systemd-boot\nVersion: 1\n\nPackage: systemd-sysv\n\nPackage: vim\n",
  });
  const client = await startClient(cwd);
  const draft = [
    "[Distribution]",
    "Distribution=fed",
    "Rel",
    "[Dis",
    "[Content]",
    "Packages=vim,",
    "    systemd-s",
    "Bootable=",
    "ExtraTrees=scr",
    "Hostname=%",
    "[Config]",
    "Profiles=o",
    "Dependencies=",
    "[Match]",
    "Image=|ba",
    "[Build]",
    "PackageCacheDirectory=cache",
    "",
  ].join("\n");
  client.open("mkosi.conf", draft);
  await client.connection.sendRequest("textDocument/hover", client.at("mkosi.conf", 1, "|["));
  expect(await labels(client, "mkosi.conf", 2, "fed|")).toEqual(["fedora"]);
  expect(await labels(client, "mkosi.conf", 3, "Rel|")).toEqual(["Release"]);
  expect(await labels(client, "mkosi.conf", 4, "[Dis|")).toEqual(["Distribution"]);
  expect(await labels(client, "mkosi.conf", 8, "Bootable=|")).toEqual(["yes", "no", "auto"]);
  expect(await labels(client, "mkosi.conf", 9, "scr|")).toEqual(["scripts"]);
  expect(await labels(client, "mkosi.conf", 10, "%|")).toContain("%d");
  expect(await labels(client, "mkosi.conf", 12, "=o|")).toEqual(["other"]);
  expect(await labels(client, "mkosi.conf", 15, "ba|")).toEqual(["base"]);
  client.change(
    "mkosi.conf",
    draft.replace("fed", "debian").replace("Rel\n", "Release=trixie\n").replace("|ba", "main"),
  );
  await client.connection.sendRequest("textDocument/hover", client.at("mkosi.conf", 1, "|["));
  expect(await labels(client, "mkosi.conf", 7, "systemd-s|")).toEqual(["systemd-sysv"]);
  const [item] = (
    await client.connection.sendRequest<CompletionList>(
      "textDocument/completion",
      client.at("mkosi.conf", 7, "systemd-s|"),
    )
  ).items;
  expect((item as CompletionItem).textEdit).toEqual({
    range: { start: { line: 6, character: 4 }, end: { line: 6, character: 13 } },
    newText: "systemd-sysv",
  });
  client.open("mkosi.repart/10-root.conf", "[Partition]\nSizeM\nFormat=e\n");
  expect(await labels(client, "mkosi.repart/10-root.conf", 2, "SizeM|")).toEqual(["SizeMinBytes", "SizeMaxBytes"]);
  expect(await labels(client, "mkosi.repart/10-root.conf", 3, "=e|")).toEqual(["ext4", "erofs"]);
});

test("hover: the page of a setting and what it is worth, with its origin", async () => {
  const client = await startClient(makeProject(TREE));
  client.open("mkosi.conf");
  const hover = async (line: number, text: string): Promise<string> => {
    const answer = await client.connection.sendRequest<Hover | null>(
      "textDocument/hover",
      client.at("mkosi.conf", line, text),
    );
    return (answer?.contents as { value: string } | undefined)?.value ?? "";
  };
  const hostname = await hover(14, "Host|name");
  expect(hostname).toContain("**main**: `two` — mkosi.conf.d/20-host.conf:6:1");
  expect(hostname).toContain("# Hostname=");
  expect(hostname).not.toMatch(/<!--|\]\((?!http)/);
  expect(await hover(12, "[Con|tent]")).toContain("Content");
  expect(await hover(3, "trix|ie")).toContain("**main**: `trixie` — mkosi.conf:3:1");
});

test("definitions: included file, profile, script, and the drop-in that overrides", async () => {
  const cwd = makeProject(TREE);
  const client = await startClient(cwd);
  client.open("mkosi.conf");
  client.open("mkosi.conf.d/20-host.conf");
  const lead = async (name: string, line: number, text: string): Promise<string[]> =>
    (await client.connection.sendRequest<Location[]>("textDocument/definition", client.at(name, line, text))).map(
      ({ uri, range }) => `${uri.replace(client.uri("."), "").replace(/^\//, "")}:${range.start.line + 1}`,
    );
  expect(await lead("mkosi.conf", 6, "comm|on")).toEqual(["common/mkosi.conf:1"]);
  expect(await lead("mkosi.conf", 9, "deb|ug")).toEqual(["mkosi.profiles/debug.conf:1"]);
  expect(await lead("mkosi.conf", 10, "ba|se")).toEqual(["mkosi.images/base/mkosi.conf:1"]);
  expect(await lead("mkosi.conf.d/20-host.conf", 7, "post|.sh")).toEqual(["scripts/post.sh:1"]);
  expect(await lead("mkosi.conf", 14, "Host|name")).toEqual(["mkosi.conf.d/20-host.conf:6", "common/mkosi.conf:2"]);
});

test("quick fixes", async () => {
  const client = await startClient(makeProject(TREE));
  const lines = [
    "[Distribution]",
    "Distribution=fedroa",
    "[Conten]",
    "[Content]",
    "Pakages=a",
    "@Locale=C",
    "[Config]",
    "Profiles=debgu",
    "[Output]",
    "ImageVersion=1",
    "[Runtime]",
    "QemuMem=1G",
  ];
  const told = client.nextDiagnostics("mkosi.conf");
  client.open("mkosi.conf", `${lines.join("\n")}\n`);
  await told;
  const range = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
  const actions = await client.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
    textDocument: { uri: client.uri("mkosi.conf") },
    range,
    context: { diagnostics: [] },
  });
  for (const { edit } of actions) {
    const [change] = edit?.changes?.[client.uri("mkosi.conf")] ?? [];
    if (change === undefined) throw new Error("an action without edit");
    const { start, end } = change.range;
    const line = lines[start.line] ?? "";
    lines[start.line] = line.slice(0, start.character) + change.newText + line.slice(end.character);
  }
  expect(lines).toEqual([
    "[Distribution]",
    "Distribution=fedora",
    "[Content]",
    "[Content]",
    "Packages=a",
    "Locale=C",
    "[Config]",
    "Profiles=debug",
    "[Output]",
    "ImageVersion=1",
    "[Runtime]",
    "RAM=1G",
  ]);
});

test("formatting is that of mkosi fmt", async () => {
  const client = await startClient(makeProject(TREE));
  client.open("mkosi.conf", "[Content]\nPackages = a\n  b\n");
  client.open("mkosi.repart/10-root.conf", "[Partition]\nType = root\n");
  const edits = async (name: string): Promise<TextEdit[]> =>
    await client.connection.sendRequest("textDocument/formatting", {
      textDocument: { uri: client.uri(name) },
      options: { tabSize: 4, insertSpaces: true },
    });
  expect((await edits("mkosi.conf")).map(({ newText }) => newText)).toEqual([
    "[Content]\nPackages=\n        a\n        b\n",
  ]);
  expect((await edits("mkosi.repart/10-root.conf")).map(({ newText }) => newText)).toEqual([
    "[Partition]\nType=root\n",
  ]);
});

test("a profile and an image are renamed with all that names them", async () => {
  const cwd = makeProject(TREE);
  const client = await startClient(cwd);
  client.open("mkosi.conf");
  const rename = async (line: number, text: string, newName: string): Promise<string[]> => {
    const edit = await client.connection.sendRequest<WorkspaceEdit>("textDocument/rename", {
      ...client.at("mkosi.conf", line, text),
      newName,
    });
    const short = (uri: string): string => uri.replace(client.uri("."), "").replace(/^\//, "");
    return (edit.documentChanges ?? []).flatMap((change) => {
      if ("kind" in change)
        return change.kind === "rename" ? [`${short(change.oldUri)} → ${short(change.newUri)}`] : [];
      return change.edits.map((each) => {
        const { range } = each as TextEdit;
        return `${short(change.textDocument.uri)}:${range.start.line + 1}:${range.start.character + 1}`;
      });
    });
  };
  expect(await rename(9, "deb|ug", "trace")).toEqual([
    "mkosi.conf:9:10",
    "mkosi.conf.d/20-host.conf:2:10",
    "mkosi.profiles/debug.conf → mkosi.profiles/trace.conf",
  ]);
  expect(await rename(10, "ba|se", "core")).toEqual([
    "mkosi.conf:10:14",
    "mkosi.conf.d/20-host.conf:3:8",
    "mkosi.conf.d/20-host.conf:8:15",
    "mkosi.images/base → mkosi.images/core",
  ]);
  await expect(rename(9, "deb|ug", "other")).rejects.toThrow("other.conf exists already");
  await expect(rename(9, "deb|ug", "a b")).rejects.toThrow("cannot be the name");
});

test("an editor that cannot rename files is told so", async () => {
  const client = await startClient(makeProject(TREE), {});
  client.open("mkosi.conf");
  await expect(
    client.connection.sendRequest("textDocument/rename", { ...client.at("mkosi.conf", 9, "deb|ug"), newName: "x" }),
  ).rejects.toThrow("cannot rename files");
});

test("changes of files that are not open count when the editor tells of them", async () => {
  const cwd = makeProject(TREE);
  const client = await startClient(cwd);
  const first = client.nextDiagnostics("mkosi.conf");
  client.open("mkosi.conf", `${TREE["mkosi.conf"]}ExtraTrees=late\n`);
  await first;
  expect(client.told("mkosi.conf")).toEqual(["15:12-16 ExtraTrees: " + join(cwd, "late") + " does not exist"]);
  mkdirSync(join(cwd, "late"));
  const second = client.nextDiagnostics("mkosi.conf");
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  expect(await second).toEqual([]);
});

test("a project that is opened through a symbolic link, with links in it", async () => {
  const cwd = makeProject({ real: TREE, shared: { "more.conf": "[Content]\nPackages=a\n" } });
  symlinkSync("real", join(cwd, "link"));
  symlinkSync("../../shared/more.conf", join(cwd, "real/mkosi.conf.d/30-more.conf"));
  const client = await startClient(join(cwd, "link"));
  const names = ["mkosi.images/base/mkosi.conf", "mkosi.conf.d/30-more.conf"];
  const all = names.map((name) => client.nextDiagnostics(name));
  for (const name of names) client.open(name, "[Content]\nPakages=a\n");
  await Promise.all(all);
  for (const name of names) expect(client.told(name)).toEqual(["2:1-8 Pakages= is not a setting and is ignored"]);
  const cleared = client.nextDiagnostics(names[0] ?? "");
  client.change(names[0] ?? "", "[Content]\nPackages=a\n");
  expect(await cleared).toEqual([]);
});

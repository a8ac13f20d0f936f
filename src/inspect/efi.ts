// Reads EFI programs: what unified kernel images consist of (UAPI Group's Unified Kernel Image specification), and who signed them.

import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseOsRelease } from "../formats/os-release.ts";
import { extractSection, identifyKernel, type PeFile, readCertificates, readPe, readSectionAt } from "../formats/pe.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import type { ImageContext } from "../tools/context.ts";
import { captureTool, hasTool } from "../tools/tool.ts";
import type { EfiProgram, Initrd } from "./contents.ts";
import { readInitrd } from "./initrd.ts";

/** @param path in our own mount namespace @param name how it is called in the image. Undefined when it is no EFI program */
export async function readEfi(context: ImageContext, path: string, name: string): Promise<EfiProgram | undefined> {
  const pe = await readPe(path);
  if (pe === undefined) return undefined;
  const text = async (section: string) => (await sectionTexts(path, pe, section))[0];
  const release = await text(".osrel");
  const system = release === undefined ? undefined : parseOsRelease(release).get("PRETTY_NAME");
  const [kernelVersion, commandLine] = [await text(".uname"), await text(".cmdline")];
  const initrd = pe.sections.some((section) => section.name === ".initrd")
    ? await initrdOf(context, path, name)
    : undefined;
  return {
    path: name,
    kind: await identifyKernel(path),
    size: (await stat(path)).size,
    sections: pe.sections.map((section) => ({ name: section.name, size: section.size })),
    ...(kernelVersion === undefined ? {} : { kernelVersion: kernelVersion.trim() }),
    ...(commandLine === undefined ? {} : { commandLine: commandLine.trim() }),
    ...(system === undefined ? {} : { system }),
    profiles: (await sectionTexts(path, pe, ".profile")).map(profileName),
    ...(initrd === undefined ? {} : { initrd }),
    pcrSignatures: (await sectionTexts(path, pe, ".pcrsig")).flatMap(pcrSignatures),
    signers: await readSigners(context, path),
  };
}

async function sectionTexts(path: string, pe: PeFile, name: string): Promise<readonly string[]> {
  const sections = pe.sections.filter((section) => section.name === name);
  const contents = await Promise.all(sections.map((section) => readSectionAt(path, section)));
  return contents.map((content) => content.toString("utf8").replace(/\0+$/, ""));
}

function profileName(text: string): string {
  const fields = parseOsRelease(text);
  return fields.get("TITLE") ?? fields.get("ID") ?? "";
}

/** The form is systemd-measure's: banks with lists of policies. */
function pcrSignatures(text: string): EfiProgram["pcrSignatures"] {
  try {
    const banks = JSON.parse(text) as Readonly<Record<string, readonly { readonly pcrs?: readonly number[] }[]>>;
    return Object.entries(banks).flatMap(([bank, policies]) => policies.map(({ pcrs = [] }) => ({ bank, pcrs })));
  } catch {
    return [];
  }
}

async function initrdOf(context: ImageContext, path: string, name: string): Promise<Initrd> {
  const copy = join(context.scratch, `${basename(path)}.initrd`);
  await extractSection(path, ".initrd", copy);
  return await readInitrd(context, copy, name);
}

/** The subjects of the certificates that sign it; none where there is no openssl to ask. */
async function readSigners(context: ImageContext, path: string): Promise<readonly string[]> {
  if (!hasTool(context.toolbox, "openssl")) return [];
  const subjects: string[] = [];
  for (const signature of await readCertificates(path)) {
    const lines = signature.toString("base64").match(/.{1,64}/g) ?? [];
    const pem = ["-----BEGIN PKCS7-----", ...lines, "-----END PKCS7-----", ""].join("\n");
    const text = await captureTool(context, {
      argv: ["openssl", "pkcs7", "-print_certs", "-noout"],
      input: pem,
    }).catch((error: unknown) => {
      if (error instanceof CommandFailure) return "";
      throw error;
    });
    subjects.push(...[...text.matchAll(/^subject=\s*(.*)$/gm)].map((match) => match[1] ?? ""));
  }
  return [...new Set(subjects)];
}

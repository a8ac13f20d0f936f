// Extended attributes of files on the host: capabilities, labels of SELinux, attributes of users. They are copied into
// images like contents; Node cannot read them.

import { bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";
import type { TreeListing } from "../../tools/digest.ts";
import { hasTool } from "../../tools/tool.ts";
import type { Attributes } from "./content-digests.ts";
import { digestText } from "./key.ts";

/**
 * Reads the extended attributes of everything in a listing of `path`. Without getfattr(1), what changes with any change
 * of any file stands for them.
 */
export async function attributesOf(
  { runner, toolbox }: Pick<ImageContext, "runner" | "toolbox">,
  path: string,
  { entries, identity }: TreeListing,
): Promise<Attributes> {
  if (!hasTool(toolbox, "getfattr")) return { "": identity };
  const names = [...entries].filter(([, entry]) => entry !== "missing").map(([name]) => `/source${name}`);
  const blocks = await readAttributes({ runner, toolbox }, { names, mounts: [bindReadOnly(path, "/source")] });
  return Object.fromEntries(
    [...blocks].map(([name, lines]) => [name.replace(/^\/source/, ""), digestText(lines.join("\n")).slice(0, 16)]),
  );
}

/**
 * Runs getfattr(1).
 * @param names paths inside the sandbox
 * @returns its lines by these, for those that have attributes
 */
export async function readAttributes(
  { runner, toolbox }: Pick<ImageContext, "runner" | "toolbox">,
  { names, mounts }: { readonly names: readonly string[]; readonly mounts: readonly Mount[] },
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (names.length === 0) return new Map();
  const content = names.map((name) => `${name}\0`).join("");
  const { stdout } = await runner.run({
    argv: ["xargs", "--null", "--arg-file=/names", ...GETFATTR],
    base: { kind: "tools", toolbox },
    mounts: [...mounts, { type: "file", content, target: "/names" }],
    output: "capture",
  });
  return parseAttributes(stdout);
}

const GETFATTR = ["getfattr", "--absolute-names", "--no-dereference", "--dump", "--match=-", "--encoding=base64", "--"];

/** Reads getfattr's dump: for each file with attributes a comment with its name, a line each in any order, and an empty line. */
export function parseAttributes(dump: string): ReadonlyMap<string, readonly string[]> {
  const blocks = dump.split("\n\n").filter((block) => block.startsWith("# file: "));
  return new Map(
    blocks.map((block) => {
      const [head = "", ...lines] = block.split("\n");
      return [unescapeName(head.slice("# file: ".length)), lines.toSorted()];
    }),
  );
}

/** Line ends and backslashes in names are written as octal numbers. */
function unescapeName(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

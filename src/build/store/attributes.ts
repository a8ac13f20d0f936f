// Extended attributes of files on the host: capabilities, labels of SELinux, attributes of users. They are copied into
// images like contents; Node cannot read them.

import { bindReadOnly } from "../../sandbox/spec.ts";
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
  const names = [...entries].filter(([, entry]) => entry !== "missing").map(([name]) => `/source${name}\0`);
  if (names.length === 0) return {};
  const { stdout } = await runner.run({
    argv: ["xargs", "--null", "--arg-file=/names", ...GETFATTR],
    base: { kind: "tools", toolbox },
    mounts: [bindReadOnly(path, "/source"), { type: "file", content: names.join(""), target: "/names" }],
    output: "capture",
  });
  return parseAttributes(stdout);
}

const GETFATTR = ["getfattr", "--absolute-names", "--no-dereference", "--dump", "--match=-", "--encoding=base64", "--"];

/** Reads getfattr's dump: for each file with attributes a comment with its name, a line each, and an empty line. */
export function parseAttributes(dump: string): Attributes {
  const blocks = dump.split("\n\n").filter((block) => block.startsWith("# file: "));
  return Object.fromEntries(
    blocks.map((block) => {
      const [head = "", ...lines] = block.split("\n");
      const name = unescapeName(head.slice("# file: ".length));
      return [name.replace(/^\/source/, ""), digestText(lines.toSorted().join("\n")).slice(0, 16)];
    }),
  );
}

/** Line ends and backslashes in names are written as octal numbers. */
function unescapeName(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

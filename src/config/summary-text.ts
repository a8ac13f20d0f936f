// The summary as a person reads it: image by image, section by section, one line a setting.

import { formatOrigin } from "../report/failure.ts";
import type { Style } from "../report/style.ts";
import { visible } from "../report/visible.ts";
import { type Config, rows, type Setting, type SettingKey } from "../settings/index.ts";
import type { Image, Project } from "./project.ts";

const NAME_WIDTH = 34;
const INDENT = " ".repeat(NAME_WIDTH + 5);

/** The text of `mkosi summary`. */
export function summaryText(project: Project, style: Style): string {
  const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
  return images.map((image) => imageText(image, style)).join("\n\n");
}

function imageText(image: Image, style: Style): string {
  const lines = [style("strong", `IMAGE: ${visible(image.name)}`)];
  if (image.files.length > 0) lines.push(column("Configuration files", image.files.join("\n"), style));
  let section: string | undefined;
  for (const [key, row] of rows) {
    if (row.into !== undefined || isOthers(key, row, image)) continue;
    if (row.section !== section) {
      section = row.section;
      lines.push("", `  ${style("strong", `[${section}]`)}`);
    }
    const origin = image.origin(key as keyof Config);
    const text = valueText(key, row, image);
    lines.push(column(row.name, text, style, origin === undefined ? undefined : formatOrigin(origin)));
  }
  return lines.join("\n");
}

/** Settings that only the main image can have are no news elsewhere, nor is Include=, which is shown as files. */
function isOthers(key: SettingKey, { scope }: Setting, image: Image): boolean {
  if (key === "include") return true;
  return image.name !== "main" && (scope === "main" || scope === "tools" || scope === "initrd");
}

function valueText(key: SettingKey, row: Setting, image: Image): string {
  const value = image.config[key as keyof Config] as unknown;
  if (value === null) return "—";
  // What people paste into reports must not have passwords in it.
  if (row.pickupSecret === true && typeof value === "object") return "(set)";
  const text = row.type.print(value);
  return text === "" ? "—" : text;
}

function column(name: string, text: string, style: Style, origin?: string): string {
  const head = `    ${`${name}:`.padEnd(NAME_WIDTH)} `;
  const place = origin === undefined ? "" : `  ${style("label", `(${visible(origin)})`)}`;
  return head + (text === "—" ? style("label", text) : visible(text).replaceAll("\n", `\n${INDENT}`)) + place;
}

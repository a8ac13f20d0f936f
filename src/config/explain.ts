// `mkosi explain`: why a setting has the value it has. For each image the value, the assignments that led to it with
// their places, what let their files in, and the files that were left out.

import { formatOrigin, type Origin } from "../report/failure.ts";
import type { Style } from "../report/style.ts";
import { visible } from "../report/visible.ts";
import { type Config, rows, type SettingKey } from "../settings/index.ts";
import type { Json } from "../settings/types/value.ts";
import type { HistoryEvent } from "./history.ts";
import { ownKey } from "./inherit.ts";
import type { Image, Project } from "./project.ts";
import { rowOf, targetOf } from "./values.ts";

type Assigned = Extract<HistoryEvent, { type: "assigned" }>;

/** What is told about one setting of one image. */
export interface Explanation {
  readonly image: string;
  readonly setting: string;
  readonly value: Json;
  readonly text: string;
  readonly assignments: readonly ExplainedAssignment[];
}

export interface ExplainedAssignment {
  readonly assignment: Assigned;
  /** The image whose configuration it stands in. */
  readonly of: string;
  /** The conditions of the file it stands in. */
  readonly conditions: readonly string[];
}

/** Explains some settings; without keys all that anything was assigned to. */
export function explain(project: Project, keys: readonly SettingKey[] | undefined): Explanation[] {
  const all = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const main = project.images.at(-1);
  if (main === undefined) return [];
  return all.flatMap((image) => {
    const wanted = keys ?? rows.map(([key]) => key).filter((key) => rowOf(key).into === undefined);
    return wanted.flatMap((key) => {
      const target = targetOf(key);
      const assignments = assignmentsOf(image, target, main);
      if (keys === undefined && assignments.length === 0) return [];
      const { type, name } = rowOf(target);
      const value = image.config[target as keyof Config] as unknown;
      const empty = value === null;
      return [
        {
          image: image.name,
          setting: name,
          value: empty ? null : type.json(value),
          text: empty ? "" : type.print(value),
          assignments,
        },
      ];
    });
  });
}

function assignmentsOf(image: Image, key: SettingKey, main: Image): ExplainedAssignment[] {
  const own = ownAssignments(image, key);
  if (image === main) return own;
  const inherited = inheritedKeys(image.name, key).flatMap((from) => ownAssignments(main, from));
  if (key === "environment") inherited.push(...passedVariables(image, main));
  // scripts are run when images have what they inherit
  return [...inherited.filter(({ assignment }) => assignment.origin.kind !== "script"), ...own];
}

/** The main image's settings that this one's value starts with. */
function inheritedKeys(image: string, key: SettingKey): SettingKey[] {
  const { scope } = rowOf(key);
  const prefixed = (prefix: string, wanted: string): SettingKey[] =>
    rows.flatMap(([other, row]) => (row.scope === wanted && ownKey(other, prefix) === key ? [other] : []));
  if (image === "tools") return scope === "multiversal" ? [key] : prefixed("toolsTree", "tools");
  if (scope === "universal" || scope === "multiversal" || scope === "inherit") return [key];
  if (image !== "default-initrd") return [];
  return scope === "initrd-inherit" ? [key] : prefixed("initrd", "initrd");
}

/** What gives the main image the variables that it hands on with PassEnvironment=. */
function passedVariables(image: Image, main: Image): ExplainedAssignment[] {
  const { environment, passEnvironment } = main.config;
  const passed = passEnvironment.filter((name) => name in environment && name in image.config.environment);
  const assignments = ownAssignments(main, "environment");
  const wanted = passed.map((name) => {
    const place = main.origin("environment", name);
    return assignments.findLast(({ assignment }) => place !== undefined && startsBefore(assignment.origin, place));
  });
  return assignments.filter((assignment) => wanted.includes(assignment));
}

/** Whether an element may be from the assignment at this place: elements have the lines that they stand on. */
function startsBefore(assignment: Origin, element: Origin): boolean {
  if (assignment.kind === "file" && element.kind === "file")
    return assignment.path === element.path && assignment.line <= element.line;
  return JSON.stringify(assignment) === JSON.stringify(element);
}

function ownAssignments(image: Image, key: SettingKey): ExplainedAssignment[] {
  const found: ExplainedAssignment[] = [];
  const conditions = new Map<string, readonly string[]>();
  for (const event of image.history) {
    if (event.type === "read") conditions.set(event.path, event.conditions);
    if (event.type !== "assigned" || targetOf(event.key) !== key) continue;
    const file = event.origin.kind === "file" ? event.origin.path : "";
    found.push({ assignment: event, of: image.name, conditions: conditions.get(file) ?? [] });
  }
  return found.toSorted((left, right) => rank(left) - rank(right));
}

/** In the order in which they count: files, local files, the command line, configure scripts. */
function rank({ assignment }: ExplainedAssignment): number {
  if (assignment.origin.kind === "script") return 3;
  if (assignment.origin.kind === "option") return 2;
  return assignment.local === true ? 1 : 0;
}

/** The explanations, and the files that were left out, for a person. */
export function explainText(project: Project, explanations: readonly Explanation[], style: Style): string {
  const blocks = explanations.map((explanation) => explanationText(explanation, style));
  const all = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const skipped = all.flatMap((image) => skippedLines(image, project.directory, style));
  return [
    ...blocks,
    ...(skipped.length === 0 ? [] : [[style("strong", "Files that were left out"), ...skipped].join("\n")]),
  ].join("\n\n");
}

function explanationText({ image, setting, text, assignments }: Explanation, style: Style): string {
  const value = text === "" ? style("label", "—") : visible(text).split("\n").join(" ");
  const lines = [`${style("strong", `${visible(image)}: ${setting}`)} = ${value}`];
  if (assignments.length === 0) lines.push(`  ${style("label", "nothing is assigned; this is its default")}`);
  for (const { assignment, of, conditions } of assignments) {
    const written = visible(`${assignment.name}${assignment.text.split("\n").join(" ⏎ ")}`);
    const from = of === image ? "" : ` in the image ${visible(of)}`;
    lines.push(
      `  ${visible(formatOrigin(assignment.origin))}: ${written}  ${style("label", `(${assignment.effect}${from})`)}`,
    );
    if (conditions.length > 0) lines.push(`    ${style("label", `read because of ${visible(conditions.join(", "))}`)}`);
  }
  return lines.join("\n");
}

/** Those of the project; what is built in would only be noise. */
function skippedLines(image: Image, directory: string, style: Style): string[] {
  return image.history.flatMap((event) => {
    if (event.type !== "skipped" || !event.path.startsWith(`${directory}/`)) return [];
    const reason =
      event.condition === undefined
        ? `none of the conditions of [${event.section}] holds`
        : `${event.condition} does not hold`;
    return [
      `  ${visible(`${formatOrigin(event.origin)}: ${reason}`)} ${style("label", `(image ${visible(image.name)})`)}`,
    ];
  });
}

// The combinations of values that a project is built with in continuous integration, and what each system gets of them.

import { Failure } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import { findSetting } from "../settings/find.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import type { OptionAssignment } from "../settings/option.ts";
import type { Json } from "../settings/types/value.ts";
import type { Project } from "./project.ts";
import { mainImage } from "./project.ts";
import { rowOf, targetOf } from "./values.ts";

/** A setting with the values of which each is a job. */
export interface Axis {
  readonly key: SettingKey;
  readonly values: readonly string[];
}

export interface Job {
  readonly assignments: readonly OptionAssignment[];
  /** The same as words of a command line, without the profile that is none. */
  readonly options: string;
  readonly values: readonly string[];
}

/**
 * Reads SETTING=VALUE,….
 * @param profiles the names that `Profiles=*` stands for
 * @throws {Failure} when there is no such setting or no value, or a setting is named twice
 */
export function readAxes(operands: readonly string[], profiles: () => readonly string[]): Axis[] {
  const axes: Axis[] = [];
  for (const operand of operands) {
    const equals = operand.indexOf("=");
    const name = operand.slice(0, Math.max(0, equals));
    const [key] = findSetting(name) ?? [];
    if (key === undefined) {
      const near = suggest(
        name,
        rows.map(([, row]) => row.name),
      );
      throw new Failure(`“${operand}” names no setting with values`, {
        remedy:
          near === undefined
            ? "Write SETTING=VALUE,VALUE: mkosi matrix Release=trixie,forky."
            : `Did you mean ${near}=?`,
      });
    }
    if (axes.some((axis) => axis.key === key))
      throw new Failure(`${rowOf(key).name}= is named more than once`, { remedy: "Name all its values together." });
    const values = operand
      .slice(equals + 1)
      .split(",")
      .map((value) => value.trim());
    const all = values.flatMap((value) => (key === "profiles" && value === "*" ? ["-", ...profiles()] : [value]));
    if (all.includes(""))
      throw new Failure(`${operand}: a value is empty`, { remedy: "Leave the comma out; for no profile write -." });
    axes.push({ key, values: [...new Set(all)] });
  }
  return axes;
}

/** Every combination; the values of the last axis change first. */
export function combinations(axes: readonly Axis[], directory: string): Job[] {
  let jobs: Job[] = [{ assignments: [], options: "", values: [] }];
  for (const { key, values } of axes) {
    jobs = jobs.flatMap((job) =>
      values.map((value): Job => {
        const { option } = rowOf(key);
        const isNone = key === "profiles" && value === "-";
        // an empty option drops what files say; several profiles are one list
        const text = isNone ? "" : key === "profiles" ? value.replaceAll("+", ",") : value;
        return {
          assignments: [...job.assignments, { key, text, option: `--${option}`, directory }],
          options: [job.options, `--${option}=${quoted(text)}`].filter((part) => part !== "").join(" "),
          values: [...job.values, ...(isNone ? [] : [value])],
        };
      }),
    );
  }
  return jobs;
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w.,:/+@%-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export interface LoadedJob {
  readonly job: Job;
  readonly project: Project;
}

/** What a job of GitHub Actions has as its `matrix:`. */
export function githubMatrix(jobs: readonly LoadedJob[]): Json {
  return {
    include: jobs.map(({ job, project }) => {
      const { config } = mainImage(project);
      return {
        name: nameOf(job),
        options: job.options,
        distribution: config.distribution,
        release: config.release,
        architecture: config.architecture,
        profiles: config[targetOf("profiles") as "profiles"].join(","),
        images: project.images.map(({ name }) => name).join(" "),
      };
    }),
  };
}

/** A child pipeline of GitLab; the project says in .gitlab/mkosi.yml what a job does. */
export function gitlabPipeline(jobs: readonly LoadedJob[]): Json {
  return {
    include: [{ local: "/.gitlab/mkosi.yml" }],
    ...Object.fromEntries(
      jobs.map(({ job }) => [`mkosi ${nameOf(job)}`, { extends: ".mkosi", variables: { MKOSI_OPTIONS: job.options } }]),
    ),
  };
}

function nameOf({ values }: Job): string {
  return values.length === 0 ? "default" : values.join("-");
}

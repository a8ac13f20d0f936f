// `mkosi explain [SETTING…]`: where values come from.

import { explain, explainText } from "../config/explain.ts";
import { formatJson } from "../config/json.ts";
import type { Project } from "../config/project.ts";
import { Failure, formatOrigin } from "../report/failure.ts";
import { outputStyle, print } from "../report/print.ts";
import { suggest } from "../report/suggest.ts";
import { findSetting } from "../settings/find.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import { page } from "./pager.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run(invocation) {
    const { args } = invocation;
    const keys = args.verbArguments.length === 0 ? undefined : args.verbArguments.map(keyOf);
    const loaded = await withScripts(invocation, await invocation.project());
    const explanations = explain(loaded, keys);
    if (!args.json) {
      await page(explainText(loaded, explanations, outputStyle()), args.pager);
      return;
    }
    print(
      formatJson(
        explanations.map(({ image, setting, value, assignments }) => ({
          Image: image,
          Setting: setting,
          Value: value,
          Assignments: assignments.map(({ assignment, of, conditions }) => ({
            Image: of,
            Origin: formatOrigin(assignment.origin),
            Text: assignment.text,
            Effect: assignment.effect,
            Conditions: conditions,
          })),
        })),
      ),
    );
  },
};

/** Scripts and what running them takes are loaded only where there are some. */
async function withScripts(invocation: Invocation, project: Project): Promise<Project> {
  if (project.images.every(({ config }) => config.configureScripts.length === 0)) return project;
  const { configuredProject } = await import("./configured.ts");
  return await configuredProject(invocation, project);
}

function keyOf(word: string): SettingKey {
  const found = findSetting(word);
  if (found !== undefined) return found[0];
  const near = suggest(
    word,
    rows.map(([, row]) => row.name),
  );
  throw new Failure(`“${word}” is not a setting`, {
    remedy: near === undefined ? "mkosi help names all settings." : `Did you mean ${near}?`,
  });
}

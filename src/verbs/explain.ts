// `mkosi explain [SETTING…]`: where values come from.

import { explain, explainText } from "../config/explain.ts";
import { formatJson } from "../config/json.ts";
import { Failure, formatOrigin } from "../report/failure.ts";
import { outputStyle, print } from "../report/print.ts";
import { suggest } from "../report/suggest.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, project }) {
    const keys = args.verbArguments.length === 0 ? undefined : args.verbArguments.map(findSetting);
    const loaded = await project();
    const explanations = explain(loaded, keys);
    if (!args.json) {
      print(explainText(loaded, explanations, outputStyle()));
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

/** By its name or its option, whatever the case. */
function findSetting(word: string): SettingKey {
  const wanted = word.replace(/^-+/, "").replace(/=$/, "").toLowerCase();
  const found = rows.find(([, row]) =>
    [row.name, row.option, ...(row.oldNames ?? [])].some((name) => name.toLowerCase() === wanted),
  );
  if (found !== undefined) return found[0];
  const near = suggest(
    wanted,
    rows.map(([, row]) => row.name),
  );
  throw new Failure(`“${word}” is not a setting`, {
    remedy: near === undefined ? "mkosi help names all settings." : `Did you mean ${near}?`,
  });
}

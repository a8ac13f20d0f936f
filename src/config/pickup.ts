// Files beside mkosi.conf that are the value of a setting by their mere presence: mkosi.extra, mkosi.version and so on.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareCodePoints } from "../formats/code-points.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import { namesIn } from "../settings/types/files.ts";
import { globSync } from "../settings/types/glob.ts";
import { parsePath } from "../settings/types/path.ts";
import { ValueError, type ValueWarning } from "../settings/types/value.ts";
import { assignedEvent } from "./history.ts";
import { isThere, listDirectory, parseContext, runOrRead, type Session } from "./session.ts";
import { type ImageState, isProhibited } from "./state.ts";
import { assign, rowOf, targetOf } from "./values.ts";

const WITH_PICKUP = rows
  .filter(([, row]) => row.pickup !== undefined || row.pickupEach !== undefined)
  .map(([key]) => key);

/** Takes what lies in a directory into account. */
export function pickUp(session: Session, state: ImageState, directory: string): void {
  // One look into the directory instead of one for each name.
  const names = new Set(listDirectory(session, directory, namesIn));
  for (const key of WITH_PICKUP) {
    if (isProhibited(state, key)) continue;
    const row = rowOf(key);
    for (const name of row.pickup ?? []) {
      if (!names.has(name)) continue;
      const path = join(directory, name);
      if (isThere(session, path)) pickUpOne(session, state, key, name, path, directory);
    }
    for (const pattern of row.pickupEach ?? []) {
      if (!names.has(pattern.split("/", 1)[0] ?? "")) continue;
      // the directory's own files, hidden ones too: what the shell's patterns leave out
      const found = [pattern, pattern.replace(/\/\*/, "/.*")].flatMap((each) =>
        globSync(join(directory, each), directory),
      );
      for (const path of found.filter((each) => existsSync(each)).sort(compareCodePoints))
        pickUpOne(session, state, key, path, path, directory);
    }
  }
}

function pickUpOne(
  session: Session,
  state: ImageState,
  key: SettingKey,
  text: string,
  path: string,
  directory: string,
): void {
  const row = rowOf(key);
  const origin = { kind: "pickup", path } as const;
  const warn = ({ message, remedy }: ValueWarning): void => {
    session.diagnostics.push({ level: "warning", message: `${row.name}: ${message}`, remedy, origin });
  };
  const context = parseContext(session, directory, state.config.get(targetOf(key))?.value, warn);
  try {
    if (row.pickupSecret === true) parsePath(path, context, { secret: true });
    const value = row.pickupText === true ? runOrRead(session, path).replace(/\n+$/, "") : text;
    const change = row.type.parse(value, context);
    assign(state.config, key, change, () => origin);
    state.history.push(assignedEvent(key, `${row.name}=`, value, change, origin));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    session.diagnostics.push({
      level: "error",
      message: `${row.name}: ${error.message}`,
      remedy: error.remedy,
      origin,
    });
  }
}

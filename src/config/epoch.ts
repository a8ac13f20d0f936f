// $SOURCE_DATE_EPOCH that is no time: the default of SourceDateEpoch= would silently be none.

import { epochText } from "../settings/defaults.ts";
import { parseTimestamp } from "../settings/types/number.ts";
import { ValueError } from "../settings/types/value.ts";
import type { Session } from "./session.ts";
import { assigned, current, type ImageState } from "./state.ts";

/** Refuses it where it counts: as a variable of the environment, or with a warning in Environment= of the main image. */
export function reportBadEpoch(session: Session, state: ImageState): void {
  if (state.cli.has("sourceDateEpoch") || state.config.has("sourceDateEpoch")) return;
  const { environment } = state;
  const text = epochText({ environment, get: (key) => (key === "environment" ? current(state, key) : undefined) });
  try {
    if (text !== "") parseTimestamp(text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const names = Object.keys(current(state, "environment") ?? {});
    const index = names.indexOf("SOURCE_DATE_EPOCH");
    session.diagnostics.push({
      // the original looks at the process's variables only
      level: index < 0 ? "error" : "warning",
      message: `SOURCE_DATE_EPOCH: ${error.message}`,
      origin: index < 0 ? undefined : assigned(state, "environment")?.origins[index],
      remedy: "Set the variable to a number of seconds since 1970, or unset it.",
    });
  }
}

// Which units start with the system: what links in /etc/systemd/system ask for, see systemd.unit(5).

import { basename } from "node:path";
import type { Contents, Entry } from "./contents.ts";

const WANTED = /^etc\/systemd\/system\/[^/]+\.(?:wants|requires|upholds)\/([^/]+)$/;
const DEFAULT = ["etc/systemd/system/default.target", "usr/lib/systemd/system/default.target"];

/** @param entries all of the image's tree */
export function unitsOf(entries: readonly Entry[]): Contents["units"] {
  const enabled = entries.flatMap(({ path }) => WANTED.exec(path)?.[1] ?? []);
  const target = DEFAULT.map((path) => entries.find((entry) => entry.path === path)?.target).find(
    (found) => found !== undefined,
  );
  return {
    default: target === undefined ? undefined : basename(target),
    enabled: [...new Set(enabled)].toSorted(),
  };
}

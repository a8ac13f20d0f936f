// Which of our distributions a system is, told from the fields of its os-release(5).

import { DISTRIBUTIONS, type DistributionName, isDistribution } from "./distributions.ts";

export interface SystemIdentity {
  /** Undefined: no distribution of ours, and not similar to one. */
  readonly distribution: DistributionName | undefined;
  /** In the words that `Release=` takes; undefined when the system does not say (a rolling release). */
  readonly release: string | undefined;
}

/** IDs that differ from our name for the distribution. */
const IDS: Readonly<Record<string, DistributionName>> = { azurelinux: "azure" };

/** Identifies a system: its own ID first, then what it says it is like. */
export function identifySystem(fields: ReadonlyMap<string, string>): SystemIdentity {
  const own = fields.get("ID");
  const candidates = [own, ...(fields.get("ID_LIKE") ?? "").split(/\s+/)];
  let distribution: DistributionName | undefined;
  for (const id of candidates) {
    const name = id === undefined ? undefined : (IDS[id] ?? id);
    if (name === undefined || !isDistribution(name)) continue;
    distribution = name;
    break;
  }
  return { distribution, release: releaseOf(fields, distribution, own) };
}

function releaseOf(
  fields: ReadonlyMap<string, string>,
  distribution: DistributionName | undefined,
  id: string | undefined,
) {
  if (id === "opensuse-tumbleweed") return "tumbleweed";
  // deb distributions name their suites by code name, the others by number
  const codename = fields.get("VERSION_CODENAME");
  if (distribution !== undefined && DISTRIBUTIONS[distribution].packageManager === "apt" && codename) return codename;
  return fields.get("VERSION_ID") || undefined;
}

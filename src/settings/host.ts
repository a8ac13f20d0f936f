// The system that we run on, for the defaults of Distribution= and Release=.

import { isDistribution } from "../facts/distributions.ts";
import { identifySystem, type SystemIdentity } from "../facts/host.ts";
import { readOsRelease } from "../formats/os-release.ts";

/**
 * Identifies the system whose tree is at `root`, by its os-release. For the host, $MKOSI_HOST_DISTRIBUTION and
 * $MKOSI_HOST_RELEASE come first: somebody who runs us in a container knows better what the host is.
 */
export function detectHost(root = "/", environment: NodeJS.ProcessEnv = process.env): SystemIdentity {
  const named = environment.MKOSI_HOST_DISTRIBUTION;
  const detected = identifySystem(readOsRelease(root) ?? new Map<string, string>());
  if (root !== "/" || named === undefined || !isDistribution(named)) return detected;
  const release = environment.MKOSI_HOST_RELEASE || (detected.distribution === named ? detected.release : undefined);
  return { distribution: named, release };
}

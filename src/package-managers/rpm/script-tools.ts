// What scripts of the project get to work with rpm packages, whichever program installs them.

import { BUILDROOT } from "../../tools/tool.ts";
import type { ScriptTools } from "../manager.ts";

const RPM = ["rpm", "rpmkeys"];

/** rpm itself, on the tree. */
export function rpmPrograms(preparation: string): ScriptTools["onTree"] {
  return Object.fromEntries(RPM.map((name) => [name, { preparation, command: `${name} --root=${BUILDROOT}` }]));
}

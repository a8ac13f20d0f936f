// The configurations that ship with the program (builtin/) and are included by their names.

import { suggest } from "../../report/suggest.ts";
import { parsePath, paths } from "./path.ts";
import { type ElementType, ValueError } from "./value.ts";

export const BUILTIN_CONFIGURATIONS = ["mkosi-tools", "mkosi-initrd", "mkosi-vm", "mkosi-addon"] as const;

const OBS =
  "It hands builds over to the Open Build Service for signing, which only the original mkosi does; its own mkosi-obs can be included by its path.";

/** Elements that are configuration files, directories, or names of built-in ones. */
export const includes: ElementType<string> = {
  ...paths({ constants: BUILTIN_CONFIGURATIONS }),
  parse(text, context) {
    try {
      return parsePath(text, context, { constants: BUILTIN_CONFIGURATIONS });
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      if (text === "mkosi-obs") throw new ValueError("“mkosi-obs” is not built in here", { remedy: OBS });
      const near = suggest(text, BUILTIN_CONFIGURATIONS);
      throw near === undefined ? error : new ValueError(error.message, { remedy: `Did you mean ${near}?` });
    }
  },
};

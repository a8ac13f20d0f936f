// Trees of the host that are put somewhere: `SOURCE` or `SOURCE:TARGET`.

import { parsePath } from "./path.ts";
import type { ElementType } from "./value.ts";

export interface Tree {
  /** On the host. */
  readonly source: string;
  /** Inside the image, null for its root. */
  readonly target: string | null;
}

export interface TreeOptions {
  /** The target must be absolute. Default true. */
  readonly absolute?: boolean;
  /** The source must exist. Default false. */
  readonly required?: boolean;
  /** The source must be a directory. Default false. */
  readonly directory?: boolean;
}

/** Elements `SOURCE` or `SOURCE:TARGET`. */
export function trees(options: TreeOptions = {}): ElementType<Tree> {
  return {
    label: "trees (SOURCE or SOURCE:TARGET)",
    metavar: "PATH[:TARGET]",
    completion: { kind: "path" },
    schema: {
      type: "object",
      properties: { Source: { type: "string" }, Target: { type: ["string", "null"] } },
      required: ["Source", "Target"],
      additionalProperties: false,
    },
    parse(text, context) {
      const colon = text.indexOf(":");
      const source = colon < 0 ? text : text.slice(0, colon);
      const target = text.slice(colon + 1);
      return {
        source: parsePath(source, context, {
          required: options.required ?? false,
          directory: options.directory ?? false,
        }),
        target:
          colon < 0
            ? null
            : parsePath(target, context, {
                required: false,
                resolve: false,
                expandUser: false,
                absolute: options.absolute ?? true,
              }),
      };
    },
    json: (value) => ({ Source: value.source, Target: value.target }),
    fromJson(json) {
      const { Source: source, Target: target } = json as { Source: string; Target: string | null };
      return { source, target };
    },
    print: (value) => (value.target === null ? value.source : `${value.source}:${value.target}`),
  };
}

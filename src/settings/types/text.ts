// Plain texts, names of files, and texts with a fixed form.

import { strip } from "../../formats/white-space.ts";
import { type ElementType, scalar, ValueError, type ValueType } from "./value.ts";

/** Any text. */
export const string: ValueType<string, null> = scalar(
  { label: "a text", metavar: "TEXT", schema: { type: "string" }, parse: (text) => text },
  null,
);

/** The same with another placeholder in the help. */
export function stringAs(metavar: string): ValueType<string, null> {
  return { ...string, metavar };
}

/** Elements that are any text without separators. */
export function words(label: string, metavar: string): ElementType<string> {
  return {
    label,
    metavar,
    completion: { kind: "none" },
    schema: { type: "string" },
    parse: (text) => text,
    json: (value) => value,
    print: (value) => value,
  };
}

/** Whether a text can be the name of one file; as in the original, blanks around it do not count. */
export function isFileName(text: string): boolean {
  const name = strip(text);
  return name !== "." && name !== ".." && !name.includes("/");
}

/** @throws {ValueError} when the text is no name, or names more than one component of a path */
export function parseFileName(text: string, remedy: string): string {
  if (!isFileName(text) || strip(text) === "") throw new ValueError(`“${text}” is not a file name`, { remedy });
  return text;
}

/** The name of a file without any directory. `optional`: its default is no name at all, the empty text. */
export function fileName(remedy: string, metavar = "NAME", optional = false): ValueType<string, null> {
  return scalar(
    {
      label: "a file name",
      metavar,
      schema: { type: "string", pattern: "^[^/]*$" },
      parse: (text) => parseFileName(text, remedy),
      fromJson: (json) => (optional && json === "" ? "" : parseFileName(json as string, remedy)),
    },
    null,
  );
}

const PROFILE_REMEDY = "A profile is named without any path: mkosi.profiles/NAME or mkosi.profiles/NAME.conf.";

/** Names of profiles. */
export const profileName: ElementType<string> = {
  ...words("profiles", "PROFILE"),
  parse: (text) => parseFileName(text, PROFILE_REMEDY),
  fromJson: (json) => parseFileName(json as string, PROFILE_REMEDY),
};

export interface RootPassword {
  readonly password: string;
  /** Whether it is already hashed, as in /etc/shadow. */
  readonly hashed: boolean;
}

/** A password, or with `hashed:` in front the hash of one. */
export const rootPassword: ValueType<RootPassword, null> = scalar(
  {
    label: "a password",
    metavar: "PASSWORD",
    schema: { type: "array", prefixItems: [{ type: "string" }, { type: "boolean" }], minItems: 2, maxItems: 2 },
    parse(text) {
      const value = strip(text);
      const hashed = value.startsWith("hashed:");
      return { password: hashed ? value.slice("hashed:".length) : value, hashed };
    },
    json: (value) => [value.password, value.hashed],
    fromJson(json) {
      const [password, hashed] = json as readonly [string, boolean];
      return { password, hashed };
    },
    print: (value) => (value.hashed ? `hashed:${value.password}` : value.password),
  },
  null,
);

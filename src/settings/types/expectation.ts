// What the [Test] section is written with: units, ports, lines of a console, durations.

import { strip } from "../../formats/white-space.ts";
import { parseInteger } from "./number.ts";
import { checkExpression } from "./special.ts";
import { words } from "./text.ts";
import { type ElementType, scalar, ValueError, type ValueType } from "./value.ts";

const UNIT_TYPES = "service socket target device mount automount swap timer path slice scope".split(" ");
const UNIT = new RegExp(`^[A-Za-z0-9:_.\\\\@-]+\\.(?:${UNIT_TYPES.join("|")})$`);

/** Names of units, with their suffix. */
export const units: ElementType<string> = {
  ...words("units", "UNIT"),
  parse: parseUnit,
  fromJson: (json) => parseUnit(json as string),
};

function parseUnit(text: string): string {
  if (UNIT.test(text)) return text;
  const suffixed = `${text}.service`;
  throw new ValueError(`“${text}” is not the name of a unit`, {
    remedy: UNIT.test(suffixed) ? `Did you mean ${suffixed}?` : `Its end tells its type: ${UNIT_TYPES.join(", ")}.`,
  });
}

/** Ports, kept as `22/tcp`. */
export const ports: ElementType<string> = {
  ...words("ports", "PORT"),
  parse: parsePort,
  fromJson: (json) => parsePort(json as string),
};

function parsePort(text: string): string {
  const [, digits = "", protocol = "tcp"] = /^([0-9]{1,5})(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits !== "" && number >= 1 && number <= 65535) return `${number}/${protocol}`;
  throw new ValueError(`“${text}” is not a port`, {
    remedy: "Write a number from 1 to 65535, with /udp where it is no TCP port.",
  });
}

/** Regular expressions for lines of a console. */
export const consoleExpressions: ElementType<string> = {
  ...words("regular expressions, one a line", "REGEX"),
  parse: (text) => checkExpression(strip(text), 0),
  fromJson: (json) => checkExpression(json as string, 0),
};

const UNITS_OF_TIME: Readonly<Record<string, number>> = { "": 1, s: 1, min: 60, h: 3600 };

/** A duration in seconds. */
export const seconds: ValueType<number, null> = scalar(
  {
    label: "a duration in seconds",
    metavar: "SECONDS",
    schema: { type: "integer", minimum: 1 },
    parse(text) {
      const [, digits = "", unit = ""] = /^([0-9]+) *(s|min|h|)$/.exec(strip(text)) ?? [];
      if (digits === "")
        throw new ValueError(`“${text}” is not a duration`, {
          remedy: "Write seconds (90), or a number with s, min or h.",
        });
      const value = parseInteger(digits) * (UNITS_OF_TIME[unit] ?? 1);
      if (value < 1 || value > 7 * 24 * 3600) throw new ValueError(`“${text}” is out of range: a second to a week`);
      return value;
    },
  },
  null,
);

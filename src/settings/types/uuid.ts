// UUIDs.

import { closeSync, openSync, readSync } from "node:fs";
import { scalar, ValueError, type ValueType } from "./value.ts";

/** A random UUID (RFC 9562, version 4). The kernel is asked itself, since node:crypto takes 3 ms to load. */
export function randomUuid(): string {
  const bytes = Buffer.alloc(16);
  const source = openSync("/dev/urandom", "r");
  readSync(source, bytes);
  closeSync(source);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return withDashes(bytes.toString("hex"));
}

function withDashes(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const UUID = /^[0-9a-f]{32}$/;

/** A UUID in lower case with dashes; `random` makes one. */
export const uuid: ValueType<string, null> = scalar(
  {
    label: "a UUID",
    metavar: "UUID",
    schema: { type: "string", format: "uuid", pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" },
    completion: { kind: "words", words: ["random"] },
    parse(text) {
      if (text === "random") return randomUuid();
      const digits = text
        .replace("urn:", "")
        .replace("uuid:", "")
        .replace(/^[{}]+|[{}]+$/g, "")
        .replaceAll("-", "")
        .toLowerCase();
      if (!UUID.test(digits)) {
        throw new ValueError(`“${text}” is not a UUID`, {
          remedy: "Write 32 hexadecimal digits, with or without dashes, or “random”.",
        });
      }
      return withDashes(digits);
    },
  },
  null,
);

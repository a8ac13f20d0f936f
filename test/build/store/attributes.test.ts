import { expect, test } from "vitest";
import { parseAttributes } from "../../../src/build/store/attributes.ts";
import { differences } from "../../../src/build/store/listings.ts";

test("getfattr's dump, by file", () => {
  const dump = "# file: /source/a\\012b\nuser.x=0sMQ==\n\n# file: /source\nsecurity.y=0sMg==\nuser.x=0sMQ==\n\n";
  const attributes = parseAttributes(dump);
  expect([...attributes.keys()]).toEqual(["/source/a\nb", "/source"]);
  expect(attributes.get("/source")).not.toEqual(attributes.get("/source/a\nb"));
  // the order in which the file system has them is no difference
  const turned = "# file: /source\nuser.x=0sMQ==\nsecurity.y=0sMg==\n\n";
  expect(parseAttributes(turned).get("/source")).toEqual(attributes.get("/source"));
  expect(parseAttributes("").size).toBe(0);
});

test("differences of listings are told by file", () => {
  const before = new Map([
    ["", "40755 0"],
    ["/gone", "100644 x"],
    ["/link", "120777 a b"],
    ["/mode", "100644 x"],
    ["/same", "100644 x"],
    ["/text", "100644 x"],
  ]);
  const after = new Map([
    ["", "40755 0"],
    ["/link", "120777 a c"],
    ["/mode", "100755 x\tattributes"],
    ["/new", "100644 x"],
    ["/same", "100644 x"],
    ["/text", "100644 y"],
  ]);
  expect(differences(before, after, "/tree")).toEqual([
    "/tree/gone is gone",
    "/tree/link has another content",
    "/tree/mode has another mode and another set of attributes",
    "/tree/new is new",
    "/tree/text has another content",
  ]);
});

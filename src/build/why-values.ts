// Values of inputs as a person writes them, and what of two of them differs.

/** A value in JSON, in the words of a configuration file. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "nothing" : value.map(shown).join(" ");
  return shownObject(value as Readonly<Record<string, unknown>>);
}

/** A repository, a tree with its target, or names with values. */
function shownObject(value: Readonly<Record<string, unknown>>): string {
  const { url, list, suite, components, snapshot } = value;
  if (typeof url === "string")
    return [url, list, suite, components, snapshot]
      .filter((part) => part !== undefined)
      .map(shown)
      .join(" ");
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  const names = entries.map(([name]) => name.toLowerCase());
  if (names.length > 0 && names.every((name) => name === "source" || name === "target"))
    return entries.map(([, each]) => shown(each)).join(":");
  return entries.length === 0 ? "nothing" : entries.map(([name, each]) => `${name}=${shown(each)}`).join(" ");
}

/** What of two JSON texts differs: of lists and of names with values the elements, a line for each. */
export function differences(before: string, after: string): readonly string[] {
  const [left, right] = [before, after].map((text) => JSON.parse(text === "" ? "null" : text) as unknown);
  const [old, now] = [elements(left), elements(right)];
  if (old === undefined || now === undefined) return [`was ${shown(left)}, is ${shown(right)}`];
  const gone = old.filter((element) => !now.includes(element)).map((element) => `− ${element}`);
  const added = now.filter((element) => !old.includes(element)).map((element) => `+ ${element}`);
  return gone.length + added.length === 0 ? ["another order"] : [...gone, ...added];
}

function elements(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).map(([name, each]) => `${name}=${shown(each)}`);
}

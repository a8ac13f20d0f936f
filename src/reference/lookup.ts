// From what somebody asks for to the page that answers it.

import { CHAPTERS } from "../facts/manual.ts";
import { Failure } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import { findSetting } from "../settings/find.ts";
import { rows } from "../settings/index.ts";
import { partOf, readDocument, wholeManual } from "./documents.ts";

/** A page to show. */
export interface Page {
  /** For the head of a manual page: `mkosi`, `mkosi-match`, `mkosi-packages`. */
  readonly title: string;
  readonly markdown: string;
  /** It is the whole manual, which is there as a finished manual page as well. */
  readonly whole: boolean;
}

/** Programs of the original that this one does not consist of. */
const OTHER_PROGRAMS: Readonly<Record<string, string>> = {
  "mkosi-initrd": "the default initrd is described in the chapter images",
  "mkosi-sandbox": "programs are run by bubblewrap here",
  sandbox: "programs are run by bubblewrap here; what the verb sandbox did is described under box",
};

/** Words of the language that are no settings, and the chapter about each. */
const LANGUAGE: readonly (readonly [pattern: RegExp, chapter: string, part?: string])[] = [
  [/^\[?(Trigger)?(Match|Assert)\]?$/, "match"],
  [/^(PathExists|HostArchitecture|SystemdVersion|Image)=?$/, "match", "Other"],
  [/^[%&](.|)$/, "specifiers"],
  [/^mkosi(\.[a-z-]+)*\.conf(\.d\/?)?$|^mkosi\.local\/?$/, "configuration"],
  [/^mkosi\.(images|profiles)\/?$/, "images"],
  [/^mkosi\.[a-z]/, "files"],
];
const SECTION = new RegExp(`^\\[?(${[...new Set(rows.map(([, row]) => row.section))].join("|")})\\]?$`);
/** Pages that are no chapters. */
const OTHER_PAGES = ["settings", "news"];

/**
 * The page about a word: `mkosi` (or nothing), a chapter, a setting, a verb, an option, `settings`, `news`, a section,
 * a condition, a specifier, a file beside mkosi.conf.
 * @throws {Failure} naming the nearest page when there is none
 */
export function findPage(word: string | undefined): Page {
  if (word === undefined || word === "mkosi") return { title: "mkosi", markdown: wholeManual(), whole: true };
  const title = word.toLowerCase().replace(/[^a-z0-9.-]/g, "");
  const page = (markdown: string): Page => ({ title: `mkosi-${title}`, markdown, whole: false });
  if (CHAPTERS.some(({ name }) => name === word)) return page(readDocument(`docs/manual/${word}.md`));
  if (word === "settings") return page(readDocument("docs/settings/README.md"));
  if (word === "news" || word === "mkosi.news") return page(readDocument("CHANGELOG.md"));
  if (word === "initrd") return page(partOfChapter("images", "initrd"));
  const exact = rows.find(([, row]) => row.name === word.replace(/=$/, ""));
  const verb = exact === undefined ? partOf(readDocument("docs/manual/verbs.md"), word) : undefined;
  if (verb !== undefined) return page(verb);
  const [, setting] = findSetting(word) ?? [];
  if (setting !== undefined) return page(readDocument(`docs/settings/${setting.name}.md`));
  const option = partOf(readDocument("docs/manual/options.md"), word.startsWith("-") ? word : `--${word}`);
  if (option !== undefined) return page(option);
  const language = pageOfLanguage(word);
  if (language !== undefined) return page(language);
  throw unknownPage(word);
}

function pageOfLanguage(word: string): string | undefined {
  if (/^\[?UKIProfile\]?$/.test(word)) return readDocument("docs/settings/UnifiedKernelImageProfiles.md");
  if (SECTION.test(word)) return partOf(readDocument("docs/settings/README.md"), word.replace(/[[\]]/g, ""));
  const [, chapter, part] = LANGUAGE.find(([pattern]) => pattern.test(word)) ?? [];
  const name = chapter ?? CHAPTERS.find((each) => each.name === word.toLowerCase())?.name;
  if (name === undefined) return undefined;
  return part === undefined ? readDocument(`docs/manual/${name}.md`) : partOfChapter(name, part);
}

function partOfChapter(chapter: string, word: string): string {
  const text = readDocument(`docs/manual/${chapter}.md`);
  return partOf(text, word) ?? text;
}

function unknownPage(word: string): Failure {
  const other = OTHER_PROGRAMS[word];
  if (other !== undefined)
    return new Failure(`${word} is a program of the original mkosi that this one does not have`, { remedy: other });
  const chapters = [...CHAPTERS.map(({ name }) => name), ...OTHER_PAGES];
  const near = suggest(word, [...chapters, ...rows.map(([, row]) => row.name)]);
  return new Failure(`there is no page about “${word}”`, {
    remedy:
      near === undefined
        ? `Name a setting, a verb, an option or a chapter: ${chapters.join(", ")}.`
        : `Did you mean ${near}?`,
  });
}

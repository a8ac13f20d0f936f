// One of a fixed set of words, some of which also have a yes and a no.

import { SYNONYMS } from "../../facts/synonyms.ts";
import { suggest } from "../../report/suggest.ts";
import { tryBoolean } from "./boolean.ts";
import { type ElementType, scalar, ValueError, type ValueType } from "./value.ts";

/** @throws {ValueError} naming the nearest word when the text is none of them */
export function parseChoice<Word extends string>(text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const synonym = words.find((word) => word === SYNONYMS[text.toLowerCase()]);
  const near = synonym ?? suggest(text, words);
  throw new ValueError(`“${text}” is not one of ${words.join(", ")}`, {
    remedy: near === undefined ? undefined : `Did you mean “${near}”?`,
  });
}

/** Exactly one of the words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ValueType<Word, null> {
  return scalar(
    {
      label: "one of " + words.join(", "),
      metavar: words.length <= 4 ? words.join("|") : "NAME",
      schema: { enum: words },
      completion: { kind: "words", words },
      parse: (text) => parseChoice(text, words),
    },
    null,
  );
}

/** One of the words, or a boolean that stands for one of them. */
export function oneOfOrBoolean<const Word extends string>(
  words: readonly Word[],
  meaning: { readonly yes: NoInfer<Word>; readonly no: NoInfer<Word> },
): ValueType<Word, null> {
  const plain = oneOf(...words);
  return {
    ...plain,
    label: `a boolean or one of ${words.join(", ")}`,
    parse: (text, context) => {
      const flag = words.includes(text as Word) ? undefined : tryBoolean(text);
      if (flag === undefined) return plain.parse(text, context);
      return { type: "set", value: flag ? meaning.yes : meaning.no };
    },
  };
}

/** Elements that are each one of the words. */
export function wordOf<const Word extends string>(label: string, ...words: readonly Word[]): ElementType<Word> {
  return {
    label,
    metavar: "NAME",
    completion: { kind: "words", words },
    schema: { enum: words },
    parse: (text) => parseChoice(text, words),
    json: (value) => value,
    print: (value) => value,
  };
}

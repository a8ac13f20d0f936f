// White space as Python has it, which the language of the configuration was made with: unlike JavaScript's it includes
// the separators U+001C to U+001F and the next line (U+0085), but not the byte order mark.

/** All white space, for the inside of a character class. */
export const SPACES = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const WIDE = new RegExp(`[${SPACES}]`);

/** Whether the character at a place of a text is white space; false beyond its ends. */
export function isSpaceAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  return code >= 0x80 && WIDE.test(text.charAt(index));
}

/** The text without white space at its ends. */
export function strip(text: string): string {
  let start = 0;
  while (isSpaceAt(text, start)) start++;
  let end = text.length;
  while (end > start && isSpaceAt(text, end - 1)) end--;
  return text.slice(start, end);
}

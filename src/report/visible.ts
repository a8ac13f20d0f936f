// Text of the user's on a terminal: file names, values and lines of files may hold characters that a terminal obeys.

/** Controls of C0 and C1, and what turns the direction of writing around. A line end and a tab do no harm. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** The text with control characters written as escapes: `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(CONTROL, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

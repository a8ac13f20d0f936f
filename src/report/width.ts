// How much room text takes on a terminal. East Asian wide characters and pictures count as two columns.

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const columnsOfCharacter = (character: string): number => (WIDE.test(character) ? 2 : 1);

/** The columns that a text without colours takes. */
export function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + columnsOfCharacter(character), 0);
}

/** Cuts a text without colours to a number of columns. */
export function cutTo(text: string, columns: number): string {
  let width = 0;
  let result = "";
  for (const character of text) {
    width += columnsOfCharacter(character);
    if (width > columns) return result;
    result += character;
  }
  return result;
}

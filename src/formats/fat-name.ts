// Names of files on FAT, which is what boot partitions have.

/** Characters that no name may have, besides the slash and control characters. */
export const NOT_IN_FAT = '" * : < > ? \\ |';

/** Whether a file on a boot partition can have the name. */
export function isFatName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  return name !== "" && !/^\.*$|["*/:<>?\\|\u0000-\u001f]/.test(name);
}

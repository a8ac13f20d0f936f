// What output formats have in common, where several parts of the program must agree on it.

/** Formats that add to a system that is there already. */
const EXTENSIONS: ReadonlySet<string> = new Set(["sysext", "confext", "addon"]);

export function isExtension(format: string): boolean {
  return EXTENSIONS.has(format);
}

/** Whether an image is no system of its own: what a system has once (users, presets, its name) is its base's. */
export function isPartial({ format, overlay }: { readonly format: string; readonly overlay: boolean }): boolean {
  return overlay || isExtension(format);
}

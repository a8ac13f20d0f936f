// systemd-stub in the tree: the EFI program that a kernel or an add-on is joined with.

import type { TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { efiName } from "./wanted.ts";

export type StubKind = "linux" | "addon";

/** Where an image has the stub, which it may lack; relative to its root. */
export function stubPlace(context: TreeContext, kind: StubKind): string {
  return `usr/lib/systemd/boot/efi/${kind}${efiName(context)}.efi.stub`;
}

/** The same in our own mount namespace. */
export function stubPath(context: TreeContext, kind: StubKind): string {
  return pathInside(context.root, stubPlace(context, kind));
}

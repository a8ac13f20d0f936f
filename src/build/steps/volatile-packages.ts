// VolatilePackages=: what changes often, or is built by this build itself, is installed last.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { packagesIn } from "../../package-managers/local-packages.ts";
import { DEFAULT_INITRD, type StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { HANDED_ON, viewHandedOn } from "../scripts/handed-on.ts";

export const volatilePackages: Step = {
  title: "Installing volatile packages",
  setting: "volatilePackages",
  installs: true,
  applies: ({ volatilePackages: packages }) => packages.length > 0,
  async run(context) {
    await using late = await withBuiltPackages(context);
    await context.packageManager.install(late.context, context.root, context.volatilePackages);
  },
};

/** The context of a step after the build scripts: it can install what they have put into $PACKAGEDIR, and what those have of the images that this one depends on. */
export async function withBuiltPackages(
  context: StepContext,
): Promise<AsyncDisposable & { readonly context: StepContext }> {
  const view = await viewHandedOn(context, "PACKAGEDIR");
  const others = context.image.config.dependencies.filter((name) => name !== DEFAULT_INITRD);
  const outputs = await Promise.all(others.map((name) => context.outputOf(name)));
  const directories = [
    ...context.image.config.packageDirectories,
    ...context.image.config.volatilePackageDirectories,
    ...outputs.flatMap((output) => output?.packages ?? []),
    ...(view === undefined ? [] : [view.path]),
  ];
  const localPackages = packagesIn(directories, context.packageManager.packageExtensions);
  return {
    // With everything else as it is, above all what notes what is read.
    context: Object.create(context, { localPackages: { value: localPackages } }) as StepContext,
    [Symbol.asyncDispose]: async () => await view?.[Symbol.asyncDispose](),
  };
}

/** The directories of packages that an image's scripts have made. @param notes of its steps */
export function builtPackageDirectories(notes: readonly string[]): readonly string[] {
  return notes.map((path) => join(path, HANDED_ON.PACKAGEDIR)).filter((path) => existsSync(path));
}

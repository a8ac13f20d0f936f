// SELinuxRelabel=: the labels of the image's own policy.

import { Failure } from "../../report/failure.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { labelFiles, selinuxPolicy } from "../../tools/setfiles.ts";
import { hasTool } from "../../tools/tool.ts";
import type { StepContext } from "../image-build.ts";

/** Whether the files of the tree are to be labelled. */
export function wantsLabels({ image: { config }, root }: StepContext): boolean {
  const isAsked = config.selinuxRelabel === "enabled";
  return (
    isAsked || (config.selinuxRelabel === "auto" && config.format !== "directory" && selinuxPolicy(root) !== undefined)
  );
}

/** Labels the files of the tree where that is wanted. @throws {Failure} with SELinuxRelabel=yes, when they cannot be */
export async function setLabels(context: StepContext): Promise<void> {
  if (!wantsLabels(context)) return;
  const isAsked = context.image.config.selinuxRelabel === "enabled";
  const policy = selinuxPolicy(context.root);
  if (policy === undefined) throw withoutPolicy(context);
  if (!isAsked && !hasTool(context.toolbox, "setfiles")) return;
  try {
    await labelFiles(context, policy, !isAsked);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (isAsked) throw cannotLabel(context, error);
    context.report.output("The SELinux labels could not all be set (SELinuxRelabel=auto)\n");
  }
}

function withoutPolicy({ image }: StepContext): Failure {
  return new Failure(`image ${image.name} has no SELinux policy to label its files by`, {
    origin: image.origin("selinuxRelabel"),
    remedy:
      "install one (Fedora: selinux-policy-targeted, Debian: selinux-policy-default with selinux-basics), or set SELinuxRelabel=auto",
  });
}

function cannotLabel({ image }: StepContext, cause: CommandFailure): Failure {
  return new Failure(`the SELinux labels of image ${image.name} cannot be set`, {
    ...cause.details,
    origin: image.origin("selinuxRelabel"),
    remedy:
      "see what setfiles says; without root the kernel takes labels only on a tmpfs (Incremental=no, WorkspaceDirectory= unset), and those of its own policy",
    cause,
  });
}

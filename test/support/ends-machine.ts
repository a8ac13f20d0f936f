// A unit by which a machine or container ends with a status of its own, so that tests see that it has come up.

/** For its section [Unit]: the status when it has succeeded; 99 when it has failed. */
export function endsMachine(status: number): string {
  return `SuccessAction=exit
SuccessActionExitStatus=${status}
FailureAction=exit
FailureActionExitStatus=99`;
}

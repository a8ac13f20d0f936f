// Which failures of dnf and zypper may be gone in a moment.

/** What they and libcurl say of a server that may be well again soon. A page that does not exist stays so. */
const PASSING =
  /returned error: 5\d\d|Status code: 5\d\d|error code: 5\d\d|HTTP response: 5\d\d|response code '?5\d\d|(?:Curl|download) error|Timeout|timed? ?out|Connection (?:reset|refused|error)|checksum (?:doesn't|does not) match|wrong checksum|Downloading error|Could ?n.t connect|transfer closed|Interrupted by header callback: Server reports|Size of .* does not match/i;

/** Whether another attempt may succeed. */
export function isPassing(output: string): boolean {
  return PASSING.test(output);
}

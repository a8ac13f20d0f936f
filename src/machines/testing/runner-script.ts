// The script that a machine runs when it has booted. It tells on its standard output what it finds, a line each: `booted`,
// then of expectations `ok NUMBER` or `bad NUMBER WHY`, of a test how it ended, and `done`.

import type { Expectation } from "./expectations.ts";
import { RESULT_FILE, TEST_UNIT } from "./units.ts";

/** What has not happened so long after the boot does not happen. Seconds. */
export const SETTLES_WITHIN = 15;

/** It takes /bin/sh, sleep and systemctl of the image, and nothing else. */
const BOOTED = `say() { printf '%s\\n' "$*"; }
say booted
systemctl is-system-running --wait >/dev/null 2>&1
`;

const FUNCTIONS = `uptime() { read -r now _ </proc/uptime && now=\${now%.*}; }
uptime
until=$((now + ${SETTLES_WITHIN}))
again() {
  uptime
  [ "$now" -lt "$until" ] || return 1
  sleep 0.2 2>/dev/null || sleep 1
}
unit() {
  while state=$(systemctl is-active -- "$2" 2>/dev/null); [ "$state" != active ]; do
    if [ "$state" = failed ] || ! again; then
      say "bad $1 it is \${state:-unknown}"
      return
    fi
  done
  say "ok $1"
}
listening() {
  for table in "/proc/net/$1" "/proc/net/\${1}6"; do
    [ -r "$table" ] || continue
    while read -r _ address _ state _; do
      case "$address $state" in *":$2 $3") return 0 ;; esac
    done <"$table"
  done
  return 1
}
port() {
  until listening "$2" "$3" "$4"; do
    if ! again; then
      say "bad $1 nobody listens there"
      return
    fi
  done
  say "ok $1"
}
failed_units() {
  failed=$(systemctl list-units --state=failed --plain --no-legend --full --no-pager | while read -r name _; do printf ' %s' "$name"; done)
  if [ -z "$failed" ]; then say "ok $1"; else say "bad $1 failed:$failed"; fi
}
`;

/** States in /proc/net/tcp and /proc/net/udp: it listens, it is open. */
const LISTENS = { tcp: "0A", udp: "07" } as const;

/** For a machine in which expectations are looked at; those that are seen from outside are left out. */
export function expectationsScript(expectations: readonly Expectation[]): string {
  const calls = expectations.flatMap((expectation, index) => callFor(expectation, index));
  return [BOOTED, FUNCTIONS, ...calls.map((call) => `${call}\n`), "say done\n"].join("");
}

function callFor(expectation: Expectation, index: number): string[] {
  switch (expectation.kind) {
    case "unit":
      return [`unit ${index} '${expectation.unit}'`];
    case "port": {
      const hexadecimal = expectation.port.toString(16).toUpperCase().padStart(4, "0");
      return [`port ${index} ${expectation.protocol} ${hexadecimal} ${LISTENS[expectation.protocol]}`];
    }
    case "failed-units":
      return [`failed_units ${index}`];
    case "boot":
    case "console":
      return [];
  }
}

/** For a machine in which one test is run: `ended RESULT CODE STATUS`, or `started STATUS` when it did not run at all. */
export function testScript(): string {
  return `${BOOTED}words=$(systemctl start --wait ${TEST_UNIT} 2>&1)
status=$?
if [ -e ${RESULT_FILE} ]; then
  read -r line <${RESULT_FILE}
  say "ended $line"
else
  printf '%s\\n' "$words" | while read -r line; do say "words $line"; done
  say "started $status"
fi
say done
`;
}

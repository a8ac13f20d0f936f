// The units that a machine under test is given besides its own: one runs the script that looks at it (or starts the test),
// one writes its journal down, and systemd's emergency mode tells of itself.

import type { TestFile } from "./test-file.ts";

/** What is handed in is named so. */
const RUN_UNIT = "mkosi-test-run.service";
const JOURNAL_UNIT = "mkosi-test-journal.service";
export const TEST_UNIT = "mkosi-test.service";
export const RUN_CREDENTIAL = "mkosi.test-run";
const SCRIPT_CREDENTIAL = "mkosi.test-script";
/** How the test's unit has ended, inside. */
export const RESULT_FILE = "/run/mkosi-test.result";

export const CHANNELS = ["result", "output", "journal"] as const;
/** What a machine writes to: what the runner says, what the test prints, the journal. */
export type Channel = (typeof CHANNELS)[number];

/** How the guest gets to the channels. */
export interface ChannelPaths {
  path(channel: Channel): string;
}

/** Containers see files in a directory. */
export const CONTAINER_CHANNELS = "/run/mkosi-test";
export const containerChannels: ChannelPaths = { path: (channel) => `${CONTAINER_CHANNELS}/${channel}` };

/** Machines have serial ports. */
export const machineChannels: ChannelPaths = {
  path: (channel) => `/dev/virtio-ports/${portName(channel)}`,
};

export function portName(channel: Channel): string {
  return `mkosi.${channel}`;
}

export interface HandedIn {
  /** Whole units, by name. */
  readonly units: ReadonlyMap<string, string | Buffer>;
  /** Drop-ins, by the name of the unit that they are for. */
  readonly dropIns: ReadonlyMap<string, string>;
  readonly credentials: ReadonlyMap<string, string | Buffer>;
  /** Units that are started with the system. */
  readonly wants: readonly string[];
}

/** @param script the runner's @param test the test that it starts */
export function handedIn(channels: ChannelPaths, script: string, test: TestFile | undefined): HandedIn {
  const units = new Map<string, string | Buffer>([
    [RUN_UNIT, runUnit(channels)],
    [JOURNAL_UNIT, journalUnit(channels)],
  ]);
  const dropIns = new Map([
    ["emergency.service", `[Service]\nExecStartPre=-/bin/sh -c "echo emergency >${channels.path("result")}"\n`],
  ]);
  const credentials = new Map<string, string | Buffer>([[RUN_CREDENTIAL, script]]);
  if (test !== undefined) {
    units.set(TEST_UNIT, test.interpreter === undefined ? test.content : scriptUnit(test.name, test.interpreter));
    if (test.interpreter !== undefined) credentials.set(SCRIPT_CREDENTIAL, test.content);
    dropIns.set(TEST_UNIT, testDropIn(channels));
  }
  return { units, dropIns, credentials, wants: [RUN_UNIT, JOURNAL_UNIT] };
}

/** It runs when all that the system starts is started, and is no part of that. */
function runUnit(channels: ChannelPaths): string {
  return `[Unit]
Description=Tests of mkosi
DefaultDependencies=no
After=default.target
Conflicts=shutdown.target
Before=shutdown.target
[Service]
LoadCredential=${RUN_CREDENTIAL}
ExecStart=/bin/sh -c '${waitFor(channels, "output")}${waitFor(channels, "result")}exec /bin/sh "$$CREDENTIALS_DIRECTORY/${RUN_CREDENTIAL}" >>${channels.path("result")}'
`;
}

/** The image's journalctl has it from the boot's first line, whatever its journal is kept in. */
function journalUnit(channels: ChannelPaths): string {
  return `[Unit]
Description=The journal for the tests of mkosi
DefaultDependencies=no
After=systemd-journald.service
[Service]
ExecStart=/bin/sh -c '${waitFor(channels, "journal")}exec journalctl --boot --follow --no-tail --no-hostname --output=short-monotonic >>${channels.path("journal")} 2>/dev/null'
`;
}

/**
 * What is written to a port before udev has named it would become a file in /dev. Device units of these ports are there
 * only in images with a udev rule for them.
 */
function waitFor(channels: ChannelPaths, channel: Channel): string {
  return `until [ -e ${channels.path(channel)} ]; do sleep 0.2 2>/dev/null || sleep 1; done; `;
}

function scriptUnit(name: string, interpreter: readonly string[]): string {
  return `[Unit]
Description=${name.replaceAll("%", "%%")}
[Service]
Type=oneshot
LoadCredential=${SCRIPT_CREDENTIAL}
Environment=HOME=/root USER=root LOGNAME=root
ExecStart=${interpreter.map(quoteWord).join(" ")} \${CREDENTIALS_DIRECTORY}/${SCRIPT_CREDENTIAL}
`;
}

/** Units of the user's keep what they say but for this. */
function testDropIn(channels: ChannelPaths): string {
  return `[Unit]
SuccessAction=none
FailureAction=none
[Service]
RemainAfterExit=no
Restart=no
TimeoutStartSec=infinity
StandardOutput=append:${channels.path("output")}
StandardError=inherit
ExecStopPost=+/bin/sh -c 'echo "$$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS" >${RESULT_FILE}'
`;
}

/** A word of a unit's command line as it is. */
function quoteWord(word: string): string {
  const escaped = word.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${escaped}"`;
}

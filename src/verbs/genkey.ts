// `mkosi genkey`: makes mkosi.key and mkosi.crt beside the configuration, where the settings for signatures pick them up.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectToolbox } from "../build/toolbox.ts";
import type { Workshop } from "../build/workshop.ts";
import { configDirectoryOf } from "../config/load-project.ts";
import { Failure } from "../report/failure.ts";
import { writeTogether } from "../report/whole-file.ts";
import { callerIds } from "../sandbox/namespace.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { generatePair } from "../signing/generate.ts";
import { hasTool } from "../tools/tool.ts";
import { projectWithTools, withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

const DAY = 24 * 60 * 60 * 1000;

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const { args } = invocation;
    if (args.directory === undefined) {
      throw new Failure('genkey writes into the project\'s directory, and with -C "" there is none', {
        origin: { kind: "option", option: "--directory" },
        remedy: "Leave it out, or name a directory.",
      });
    }
    const directory = configDirectoryOf(args.directory);
    const [keyFile, certificateFile] = [join(directory, "mkosi.key"), join(directory, "mkosi.crt")];
    const existing = [keyFile, certificateFile].find((path) => existsSync(path));
    if (existing !== undefined && args.force === 0) {
      throw new Failure(`${existing} exists already`, {
        remedy: "Add -f to replace key and certificate; what was signed with the old key is no longer signed by yours.",
      });
    }
    await withReport(invocation, async (events) => {
      // A configuration that cannot be read for want of a key must not be in the way of making one.
      await using workshop = await workshopFor(invocation, await invocation.ofOptions([]), events);
      const wishes = { commonName: args.genkeyCommonName ?? `mkosi of ${userName()}`, days: args.genkeyValidDays };
      const tools = { runner: workshop.runner("genkey"), toolbox: await openssl(invocation, workshop) };
      const { key, certificate } = await generatePair({ ...tools, directory: workshop.workspace }, wishes);
      await writeTogether([
        { path: keyFile, content: key, mode: 0o600 },
        { path: certificateFile, content: certificate },
      ]);
      const end = new Date(Date.now() + wishes.days * DAY).toISOString().slice(0, 10);
      workshop.say(`Made ${keyFile} and ${certificateFile} for “${wishes.commonName}”, valid until ${end}`);
    });
  },
};

/** This machine's, as every other one would make the same; a tools tree need not be built for it. */
async function openssl(invocation: Invocation, workshop: Workshop): Promise<Toolbox> {
  const host: Toolbox = { kind: "host", searchPaths: [] };
  if (hasTool(host, "openssl")) return host;
  return await projectToolbox(workshop, await projectWithTools(invocation, workshop, ["openssl"]));
}

/** Of the user who called us: inside the namespace everybody is root. */
function userName(): string {
  const { uid } = callerIds();
  const lines = existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8").split("\n") : [];
  return lines.map((line) => line.split(":")).find((fields) => fields[2] === String(uid))?.[0] ?? String(uid);
}

// `mkosi latest-snapshot`: the newest snapshot of the distribution's repositories, as Snapshot= takes it.

import { latestSnapshot } from "../build/latest-snapshot.ts";
import { mainImage } from "../config/project.ts";
import { snapshotSource } from "../distributions/snapshots.ts";
import { print } from "../report/print.ts";
import { projectWithTools, withReport, workshopFor } from "./session.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    // before tools are made for a question that nobody can answer
    snapshotSource(mainImage(await invocation.project()));
    const snapshot = await withReport(invocation, async (events) => {
      await using workshop = await workshopFor(invocation, await invocation.project(), events);
      return await latestSnapshot(workshop, await projectWithTools(invocation, workshop, ["curl"]));
    });
    print(snapshot);
  },
};

// A context for tests of package managers: it runs nothing.

import { debian } from "../../src/distributions/debian.ts";
import type { PackageContext } from "../../src/package-managers/manager.ts";
import { nodeReport } from "../../src/report/events.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";
import { makeRecorder, type Recorder } from "../support/recorder.ts";

export interface TestContext extends PackageContext {
  readonly runner: Recorder;
}

export function makeContext(overrides: Partial<Config> = {}, more: Partial<TestContext> = {}): TestContext {
  const image = makeImage(overrides);
  return {
    image,
    runner: makeRecorder(),
    toolbox: { kind: "host", searchPaths: [] },
    report: nodeReport("main", () => {}),
    scratch: "/nonexistent/scratch",
    packageCache: "/var/cache/mkosi",
    repositories: debian.repositories(image.config),
    localPackages: [],
    architecture: "amd64",
    ...more,
  };
}

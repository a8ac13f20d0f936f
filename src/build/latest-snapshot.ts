// Asks for the newest snapshot with the tools, the proxy and the sandbox trees that a build would have.

import { mainImage, type Project } from "../config/project.ts";
import { snapshotSource } from "../distributions/snapshots.ts";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bindReadOnly } from "../sandbox/spec.ts";
import { projectToolbox } from "./toolbox.ts";
import type { Workshop } from "./workshop.ts";

const CURL = ["curl", "--location", "--fail", "--silent", "--show-error", "--retry", "3", "--connect-timeout", "30"];

/** The newest snapshot for a project's main image. @throws {Failure} when there is none, or it cannot be asked for */
export async function latestSnapshot(workshop: Workshop, project: Project): Promise<string> {
  const image = mainImage(project);
  const { url, read } = snapshotSource(image);
  const runner = workshop.runner(image.name);
  const toolbox = await workshop.sandboxTrees.put(image, await projectToolbox(workshop, project), runner);
  const { proxyUrl, proxyExclude, proxyPeerCertificate, proxyClientCertificate, proxyClientKey } = image.config;
  const files = (
    [
      ["--proxy-cacert", proxyPeerCertificate],
      ["--proxy-cert", proxyClientCertificate],
      ["--proxy-key", proxyClientKey],
    ] as const
  ).flatMap(([option, path]) =>
    path === null || proxyUrl === null ? [] : [{ option, path, place: `/proxy${option}` }],
  );
  const proxy = [
    ...(proxyUrl === null ? [] : ["--proxy", proxyUrl]),
    ...(proxyExclude === null || proxyExclude.length === 0 ? [] : ["--noproxy", proxyExclude.join(",")]),
    ...files.flatMap(({ option, place }) => [option, place]),
  ];
  const run = runner.run({
    argv: [...CURL, ...proxy, url],
    base: { kind: "tools", toolbox },
    mounts: files.map(({ path, place }) => bindReadOnly(path, place)),
    network: true,
    output: "capture",
  });
  const { stdout } = await run.catch((error: unknown) => {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Failure(`the newest snapshot cannot be asked for: ${url}`, {
      ...error.details,
      origin: image.origin("mirror") ?? image.origin("distribution"),
      remedy: "check the network connection, the proxy (ProxyUrl=) and Mirror=",
      cause: error,
    });
  });
  return read(stdout);
}

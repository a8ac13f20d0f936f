// Downloads a small text with curl, by the proxy and with the certificates that a build has.

import { bindReadOnly } from "../sandbox/spec.ts";
import type { ImageContext } from "./context.ts";

const CURL = ["curl", "--location", "--fail", "--silent", "--show-error", "--retry", "3", "--connect-timeout", "30"];

/** The text at an address. @throws {CommandFailure} when it cannot be had */
export async function downloadText(
  { image, runner, toolbox }: Pick<ImageContext, "image" | "runner" | "toolbox">,
  url: string,
): Promise<string> {
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
  const { stdout } = await runner.run({
    argv: [...CURL, ...proxy, url],
    base: { kind: "tools", toolbox },
    mounts: files.map(({ path, place }) => bindReadOnly(path, place)),
    network: true,
    output: "capture",
  });
  return stdout;
}

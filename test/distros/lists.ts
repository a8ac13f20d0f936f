// Metalinks and lists of mirrors, as the distributions' servers answer them.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The list for a request; undefined when it names no repository of the mirror. `mirrors` are origins. */
export function mirrorList(
  root: string,
  kind: "metalink" | "mirrorlist",
  url: URL,
  mirrors: readonly string[],
): string | undefined {
  const path = repositoryOf(url);
  if (path === undefined || !existsSync(join(root, path, "repodata/repomd.xml"))) return undefined;
  const places = mirrors.map((mirror) => `${mirror}/${path}/`);
  return kind === "mirrorlist"
    ? `${places.join("\n")}\n`
    : metalink(readFileSync(join(root, path, "repodata/repomd.xml")), places);
}

/** Path of the repository below the mirror. */
function repositoryOf(url: URL): string | undefined {
  const repo = url.searchParams.get("repo") ?? "";
  const arch = url.searchParams.get("arch") ?? "x86_64";
  const rules: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
    [/fedoraproject.*\?.*repo=fedora-(\d+)$/, ([, n]) => `fedora/linux/releases/${n}/Everything/${arch}/os`],
    [/fedoraproject.*\?.*repo=updates-released-f(\d+)$/, ([, n]) => `fedora/linux/updates/${n}/Everything/${arch}`],
    [
      /fedoraproject.*\?.*repo=updates-testing-f(\d+)$/,
      ([, n]) => `fedora/linux/updates/testing/${n}/Everything/${arch}`,
    ],
    [/fedoraproject.*\?.*repo=(?:fedora-)?rawhide$/, () => `fedora/linux/development/rawhide/Everything/${arch}/os`],
    [/fedoraproject.*\?.*repo=epel-(?:z-)?(\d+)$/, ([, n]) => `fedora/epel/${n}/Everything/${arch}`],
    [
      /centos.*\?.*repo=centos-extras-sig-extras-common-(\d+)-stream$/,
      ([, n]) => `centos/SIGs/${n}-stream/extras/${arch}/extras-common`,
    ],
    [
      /centos.*\?.*repo=centos-(\w+)-(\d+)-stream$/,
      ([, name = "", n]) => `centos/${n}-stream/${enterprise(name)}/${arch}/os`,
    ],
    [/rocky.*\?.*repo=(\w+)-(\d+)$/, ([, name = "", n]) => `rocky/${n}/${enterprise(name)}/${arch}/os`],
    [/almalinux.org\/mirrorlist\/(\d+)\/(\w+)\?.*$/, ([, n, name = ""]) => `alma/${n}/${enterprise(name)}/${arch}/os`],
    [/mageia.*release=(\d+).*repo=(\w+)$/, ([, n, name]) => `mageia/distrib/${n}/${arch}/media/core/${name}`],
    [/openmandriva.*release=(\w+).*repo=(\w+)$/, ([, n, name]) => `openmandriva/${n}/repository/${arch}/main/${name}`],
  ];
  // The parameters in any order, `repo` last.
  const release = url.searchParams.get("release");
  const text = `${url.host}${url.pathname}?${release === null ? "" : `release=${release}&`}repo=${repo}`;
  for (const [pattern, path] of rules) {
    const match = pattern.exec(text);
    if (match !== null) return path(match);
  }
  return undefined;
}

function enterprise(name: string): string {
  return { baseos: "BaseOS", appstream: "AppStream", crb: "CRB" }[name.toLowerCase()] ?? name.toLowerCase();
}

function metalink(metadata: Buffer, places: readonly string[]): string {
  const hash = (algorithm: string) => createHash(algorithm).update(metadata).digest("hex");
  const timestamp = /<revision>(\d+)</.exec(metadata.toString())?.[1] ?? "0";
  const urls = places.map((place, index) => {
    const url = `${place}repodata/repomd.xml`.replaceAll("&", "&amp;");
    return `      <url protocol="http" type="http" location="DE" preference="${100 - index}">${url}</url>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" xmlns:mm0="http://fedorahosted.org/mirrormanager">
  <files>
    <file name="repomd.xml">
      <mm0:timestamp>${timestamp}</mm0:timestamp>
      <size>${metadata.length}</size>
      <verification>
        <hash type="md5">${hash("md5")}</hash>
        <hash type="sha1">${hash("sha1")}</hash>
        <hash type="sha256">${hash("sha256")}</hash>
        <hash type="sha512">${hash("sha512")}</hash>
      </verification>
      <resources maxconnections="1">
${urls.join("\n")}
      </resources>
    </file>
  </files>
</metalink>
`;
}

// Where distributions say which snapshot of their repositories is the newest, and how Snapshot= calls it.

import type { Image } from "../config/project.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { ARCHIVE } from "./arch.ts";
import { SNAPSHOTS as DEBIAN } from "./debian.ts";
import { joinUrl } from "./naming.ts";

interface SnapshotService {
  /** Without Mirror=. */
  readonly mirror: string;
  path(config: Config): string;
  /** What has them, where not every release does. */
  readonly only?: { readonly name: string; has(config: Config): boolean };
  /** What the text there says; undefined when it is not such a text. */
  read(text: string): string | undefined;
}

const SERVICES: Readonly<Partial<Record<string, SnapshotService>>> = {
  debian: {
    mirror: DEBIAN,
    path: () => "mr/timestamp",
    read: (text) => (JSON.parse(text) as { result?: { debian?: string[] } }).result?.debian?.at(-1),
  },
  ubuntu: {
    mirror: "http://snapshot.ubuntu.com",
    path: ({ release }) => `ubuntu/dists/${release}-updates/Release`,
    read: (text) => timestamp(new Date(/^Date: (.*)$/m.exec(text)?.[1] ?? "")),
  },
  arch: {
    mirror: ARCHIVE,
    only: { name: "x86-64", has: ({ architecture }) => architecture === "x86-64" },
    path: () => "repos/last/lastsync",
    read: (text) => new Date(Number(text) * 1000).toISOString().slice(0, 10).replaceAll("-", "/"),
  },
  fedora: {
    mirror: "https://kojipkgs.fedoraproject.org",
    only: { name: "rawhide", has: ({ release }) => release === "rawhide" },
    path: () => "compose/rawhide/latest-Fedora-Rawhide/COMPOSE_ID",
    read: (text) => /^Fedora-[^-]+-(\S+)/.exec(text)?.[1],
  },
  centos: {
    mirror: "https://composes.stream.centos.org",
    path: ({ release }) => `stream-${release}/production/latest-CentOS-Stream/COMPOSE_ID`,
    read: (text) => /^CentOS-Stream-\d+-(\S+)/.exec(text)?.[1],
  },
  opensuse: {
    mirror: "https://download.opensuse.org",
    only: { name: "tumbleweed", has: ({ release }) => release === "tumbleweed" },
    path: () => "history/latest",
    read: (text) => /^\d+$/.exec(text.trim())?.[0],
  },
};

/** `20251124T185201Z`; throws for what is no time. */
function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
}

export interface SnapshotSource {
  readonly url: string;
  /** What to do when it does not answer. */
  readonly remedy: string;
  /** @throws {Failure} when the text does not say it */
  read(text: string): string;
}

/** Where an image's distribution names its newest snapshot. @throws {Failure} when it has none */
export function snapshotSource({ config, origin }: Image): SnapshotSource {
  const { prettyName } = DISTRIBUTIONS[config.distribution];
  const service = SERVICES[config.distribution];
  if (service === undefined) {
    throw new Failure(`${prettyName} has no snapshots of its repositories`, {
      origin: origin("distribution"),
      remedy: `these have: ${Object.keys(SERVICES).join(", ")}`,
    });
  }
  if (service.only?.has(config) === false) {
    throw new Failure(`${prettyName} ${config.release} has no snapshots of its repositories`, {
      origin: origin("release") ?? origin("distribution"),
      remedy: `only ${service.only.name} has them`,
    });
  }
  const url = joinUrl(config.mirror ?? service.mirror, service.path(config));
  return {
    url,
    remedy: config.mirror
      ? `Mirror= was asked, which need not have snapshots: mkosi --mirror=${service.mirror} latest-snapshot asks the distribution's own service`
      : "check the network connection and the proxy (ProxyUrl=)",
    read(text) {
      const found = attempt(() => service.read(text));
      if (found !== undefined) return found;
      throw new Failure(`${url} does not say which snapshot is the newest`, {
        origin: origin("mirror"),
        remedy: `Mirror= must have the layout of ${service.mirror}`,
        excerpt: text.slice(0, 200),
      });
    },
  };
}

/** Undefined for texts that are no JSON, or no time. */
function attempt(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

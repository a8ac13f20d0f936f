// The variables that scripts are told about their image and their surroundings with.

import type { Image } from "../../config/project.ts";
import { distributionOf } from "../../distributions/registry.ts";
import { EFI_NAMES, QEMU_NAMES } from "../../facts/architectures.ts";
import { bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import type { Config } from "../../settings/index.ts";
import {
  isInside,
  PLACES,
  type PlaceName,
  SCRIPTS,
  type ScriptKind,
  SETTINGS_FILE,
  SOURCES,
  type SpecialVariable,
} from "./kinds.ts";

/** What a variable depends on besides the image. */
export interface ScriptSurroundings {
  /** $MKOSI_DEBUG. */
  readonly debug: boolean;
  /** The places that are there; others of the kind's have no variable. */
  readonly places?: readonly PlaceName[];
  /** $CACHED, for sync scripts. */
  readonly cached?: boolean;
}

/** Whether a script has network. */
export function hasNetwork(kind: ScriptKind, { config }: Image): boolean {
  const { network } = SCRIPTS[kind];
  return network === "always" || (network === "setting" && config.withNetwork);
}

type Variables = Readonly<Record<string, string | null | undefined>>;

/** The variables of a script; those of the configuration win. */
export function scriptEnvironment(
  kind: ScriptKind,
  script: string,
  image: Image,
  surroundings: ScriptSurroundings,
): Record<string, string> {
  const places = (surroundings.places ?? []).map((name) => [name, PLACES[name]] as const);
  return defined({
    ...commonVariables(image, surroundings),
    ...specialVariables(kind, image, surroundings),
    ...Object.fromEntries(places),
    ...generalVariables(image),
    ...image.config.environment,
    // The original has it so, too.
    SYSTEMD_OFFLINE: flag(hasNetwork(kind, image)),
    ...(isInside(kind, script) ? INSIDE : {}),
  });
}

/** Programs inside the image get these whatever the configuration says. */
export const INSIDE = { container: "mkosi", HOME: "/", PATH: "/usr/bin:/usr/sbin", BUILDROOT: "/" } as const;

function commonVariables(image: Image, { debug }: ScriptSurroundings): Variables {
  const { config } = image;
  return {
    DISTRIBUTION: config.distribution,
    RELEASE: config.release,
    ARCHITECTURE: config.architecture,
    DISTRIBUTION_ARCHITECTURE: distributionOf(image).architecture(config),
    EFI_ARCHITECTURE: EFI_NAMES[config.architecture],
    PROFILES: config.profiles.length === 0 ? undefined : config.profiles.join(" "),
    SRCDIR: SOURCES,
    MKOSI_UID: String(process.getuid?.() ?? 0),
    MKOSI_GID: String(process.getgid?.() ?? 0),
    MKOSI_DEBUG: flag(debug),
  };
}

function specialVariables(kind: ScriptKind, { config }: Image, { places = [], cached }: ScriptSurroundings): Variables {
  const values: Readonly<Record<SpecialVariable, () => string | undefined>> = {
    BUILDROOT: () => "/buildroot",
    CACHED: () => flag(cached === true),
    CHROOT_BUILDDIR: () => (places.includes("BUILDDIR") ? PLACES.BUILDDIR : undefined),
    CHROOT_DESTDIR: () => PLACES.DESTDIR,
    CHROOT_OUTPUTDIR: () => PLACES.OUTPUTDIR,
    CHROOT_SCRIPT: () => SCRIPTS[kind].program,
    CHROOT_SRCDIR: () => SOURCES,
    MKOSI_CONFIG: () => SETTINGS_FILE,
    QEMU_ARCHITECTURE: () => QEMU_NAMES[config.architecture],
    SCRIPT: () => SCRIPTS[kind].program,
    WITH_DOCS: () => flag(config.withDocs),
    WITH_NETWORK: () => flag(config.withNetwork),
    WITH_TESTS: () => flag(config.withTests),
  };
  return Object.fromEntries(SCRIPTS[kind].variables.map((name) => [name, values[name]()]));
}

/** What every program of a build with the image's settings gets. */
function generalVariables({ name, config }: Image): Variables {
  const exclude = config.proxyExclude?.join(",") || undefined;
  return {
    TERM: "dumb",
    SYSTEMD_TMPFILES_FORCE_SUBVOL: "0",
    SYSTEMD_ASK_PASSWORD_KEYRING_TIMEOUT_SEC: "infinity",
    SYSTEMD_ASK_PASSWORD_KEYRING_TYPE: "session",
    SUBIMAGE: name === "main" ? undefined : name,
    IMAGE_ID: config.imageId,
    IMAGE_VERSION: config.imageVersion,
    SOURCE_DATE_EPOCH: config.sourceDateEpoch === null ? undefined : String(config.sourceDateEpoch),
    http_proxy: config.proxyUrl,
    https_proxy: config.proxyUrl,
    HTTP_PROXY: config.proxyUrl,
    HTTPS_PROXY: config.proxyUrl,
    ...(config.proxyUrl === null ? {} : gitCertificates(config)),
    no_proxy: exclude,
    NO_PROXY: exclude,
  };
}

/** Where scripts outside of the image have the certificates for the proxy; Git looks at these variables. */
const PROXY_FILES = {
  GIT_PROXY_SSL_CAINFO: ["/proxy.cacert", "proxyPeerCertificate"],
  GIT_PROXY_SSL_CERT: ["/proxy.clientcert", "proxyClientCertificate"],
  GIT_PROXY_SSL_KEY: ["/proxy.clientkey", "proxyClientKey"],
} as const;

function gitCertificates(config: Config): Variables {
  return Object.fromEntries(
    Object.entries(PROXY_FILES).map(([name, [place, key]]) => [name, config[key] === null ? undefined : place]),
  );
}

/** The certificates in their places, with a proxy. */
export function proxyMounts({ config }: Image): readonly Mount[] {
  if (config.proxyUrl === null) return [];
  return Object.values(PROXY_FILES).flatMap(([place, key]) => {
    const source = config[key];
    return source === null ? [] : [bindReadOnly(source, place)];
  });
}

function flag(value: boolean): string {
  return value ? "1" : "0";
}

function defined(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

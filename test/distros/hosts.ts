// The servers that distributions name without Mirror=, and where in the mirror their files are. Metalinks and mirror lists
// name two mirrors, of which a test can let the first fail.

/** Host → path in the mirror, by the first prefix that fits. Paths that begin with `=` are made by the server: lists of mirrors, and the key. */
export const HOSTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "mirrors.fedoraproject.org": { "/metalink": "=metalink" },
  "mirrors.centos.org": { "/metalink": "=metalink" },
  "mirrors.rockylinux.org": { "/mirrorlist": "=mirrorlist" },
  "mirrors.almalinux.org": { "/mirrorlist": "=mirrorlist" },
  "dl.fedoraproject.org": {
    "/pub/epel/RPM-GPG-KEY": "=key",
    "/pub/fedora/": "/fedora/",
    "/pub/epel/": "/fedora/epel/",
  },
  "kojipkgs.fedoraproject.org": { "/compose/": "/fedora/compose/" },
  "composes.stream.centos.org": { "/": "/centos-composes/" },
  "mirror.stream.centos.org": { "/": "/centos/" },
  "download.opensuse.org": { "/": "/opensuse/" },
  "raw.githubusercontent.com": { "/": "=key" },
  "www.centos.org": { "/keys/": "=key" },
  "download.rockylinux.org": { "/pub/rocky/RPM-GPG-KEY": "=key" },
  "repo.almalinux.org": { "/almalinux/RPM-GPG-KEY": "=key" },
  "access.redhat.com": { "/security/data/": "=key" },
  "mirrors.kernel.org": { "/mageia/": "=key" },
  "packages.microsoft.com": { "/azurelinux/": "/azure/" },
  "cdn-ubi.redhat.com": { "/content/public/ubi/dist/": "/rhel-ubi/" },
  "cdn.redhat.com": { "/content/dist/": "/rhel/" },
  "www.mageia.org": { "/mirrorlist/": "=mirrorlist" },
  "mirrors.openmandriva.org": { "/mirrors.php": "=mirrorlist" },
  "mirror.openmandriva.org": { "/": "/openmandriva/" },
  "fastly.mirror.pkgbuild.com": { "/": "/arch/" },
  "geo.mirror.pkgbuild.com": { "/": "/arch/" },
  "archive.archlinux.org": { "/": "/arch/" },
  "mirror-a.example.invalid": { "/": "/" },
  "mirror-b.example.invalid": { "/": "/" },
};

/** The path of a URL in the mirror; undefined when the mirror stands in for no such place. */
export function placeOf(host: string, path: string): string | undefined {
  for (const [prefix, place] of Object.entries(HOSTS[host] ?? {})) {
    if (path.startsWith(prefix)) return place.startsWith("=") ? place : place + path.slice(prefix.length);
  }
  return undefined;
}

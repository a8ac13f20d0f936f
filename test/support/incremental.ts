// The configuration of a small directory image whose layers are kept.

/** `mkosi.conf`, with more lines at the ends of the sections [Content] and [Build]. */
export function incrementalConf({ content = "", build = "" } = {}): string {
  return `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory
SplitArtifacts=

[Content]
Bootable=no
${content}
[Build]
Incremental=yes
${build}`;
}

// What a build leaves behind: files, directories and links in the staging directory.

/** `image`: what Format= names; `split`: one of SplitArtifacts=; `script`: made by a script; `settings`: of NSpawnSettings=; the others by name. */
export type ArtifactKind = "image" | "split" | "manifest" | "checksum" | "signature" | "link" | "script" | "settings";

export interface Artifact {
  /** In the staging directory. */
  readonly path: string;
  readonly kind: ArtifactKind;
}

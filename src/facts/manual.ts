// The chapters of the manual, in their order: files docs/manual/NAME.md.

export interface Chapter {
  /** What `mkosi documentation` takes, and the file's name. */
  readonly name: string;
  /** What it is about, for lists of chapters. */
  readonly about: string;
}

export const CHAPTERS: readonly Chapter[] = [
  { name: "verbs", about: "what mkosi can be told to do" },
  { name: "options", about: "the command line, and options that are no settings" },
  { name: "configuration", about: "files of a project, their syntax and their order" },
  { name: "match", about: "conditions that let files in or keep them out" },
  { name: "specifiers", about: "%d and its kin inside of values" },
  { name: "images", about: "several images, tools tree, default initrd, profiles, what is inherited" },
  { name: "building", about: "what a build does step by step, formats, distributions, caches" },
  { name: "scripts", about: "programs of the project that take part in a build" },
  { name: "files", about: "files beside mkosi.conf that are taken into account" },
  { name: "machines", about: "booting images as virtual machines and containers" },
  { name: "testing", about: "booting images to see whether they are as they should be" },
  { name: "signing", about: "keys, Secure Boot, expected PCR values, verity" },
  { name: "editors", about: "the language server, and how editors are set up for it" },
  { name: "environment", about: "exit status, variables, requirements, troubleshooting" },
  { name: "examples", about: "whole projects to start from" },
];

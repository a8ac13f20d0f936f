// The [Output] section: what comes out and where it goes.

import { defaultCompression, defaultExtension, defaultOutput, randomSeed } from "./defaults.ts";
import { boolean, feature } from "./types/boolean.ts";
import { oneOf, wordOf } from "./types/choice.ts";
import { list, map } from "./types/list.ts";
import { bytes, compressLevel, mode, sectorSize } from "./types/number.ts";
import { path, paths } from "./types/path.ts";
import { DEFAULT_ARTIFACTS, artifacts, compression } from "./types/special.ts";
import { fileName, string, stringAs, uuid } from "./types/text.ts";
import { setting } from "./setting.ts";

export const output = {
  format: setting({
    name: "Format", section: "Output", option: "format", short: "t",
    type: oneOf("confext", "cpio", "directory", "disk", "esp", "none", "portable", "sysext", "tar", "uki", "oci", "addon"),
    default: "disk", scope: "local", specifier: "t", match: "word",
    help: "The kind of output: a disk, an archive, a directory, an extension and so on.",
  }),
  manifestFormat: setting({
    name: "ManifestFormat", section: "Output", option: "manifest-format",
    type: list(wordOf("manifest formats", "json", "changelog")), scope: "local",
    help: "Write lists of the installed packages in these formats.",
  }),
  output: setting({
    name: "Output", section: "Output", option: "output", short: "o",
    type: fileName("The directory is set by OutputDirectory= (--output-directory)."), default: defaultOutput,
    scope: "local", specifier: "o", tools: true, help: "The output's name without extensions.",
  }),
  outputExtension: setting({
    name: "OutputExtension", section: "Output", option: "output-extension",
    type: fileName("Write an extension without any path.", "EXTENSION"), default: defaultExtension, scope: "local",
    help: "The extension of the output's name.",
  }),
  outputSize: setting({
    name: "OutputSize", section: "Output", option: "output-size", type: bytes, scope: "local",
    help: "The size of the disk image; without it the image is as small as its partitions allow.",
  }),
  compressOutput: setting({
    name: "CompressOutput", section: "Output", option: "compress-output", type: compression,
    default: defaultCompression, scope: "local", help: "How the output is compressed.",
  }),
  compressLevel: setting({
    name: "CompressLevel", section: "Output", option: "compress-level", type: compressLevel, default: 3,
    scope: "inherit", help: "How hard the compressor tries.",
  }),
  outputDirectory: setting({
    name: "OutputDirectory", section: "Output", option: "output-directory", short: "O",
    type: path({ required: false }, "DIR"), scope: "universal", specifier: "O", pickup: ["mkosi.output"], tools: true,
    oldOptions: ["output-dir"], help: "Where finished outputs are put.",
  }),
  outputMode: setting({
    name: "OutputMode", section: "Output", option: "output-mode", type: mode, scope: "universal",
    help: "The access mode of the outputs.",
  }),
  imageVersion: setting({
    name: "ImageVersion", section: "Output", option: "image-version", type: stringAs("VERSION"), scope: "inherit",
    specifier: "v", match: "version", pickup: ["mkosi.version"], pickupText: true,
    help: "The image's version; it goes into os-release and the outputs' names.",
  }),
  imageId: setting({
    name: "ImageId", section: "Output", option: "image-id", type: stringAs("ID"), scope: "inherit", specifier: "i",
    match: "pattern", help: "The image's name; it goes into os-release and is the default name of the output.",
  }),
  ociLabels: setting({
    name: "OciLabels", section: "Output", option: "oci-labels", type: map("labels (KEY=VALUE)", "KEY=VALUE"),
    scope: "local", help: "Labels of an OCI image.",
  }),
  ociAnnotations: setting({
    name: "OciAnnotations", section: "Output", option: "oci-annotations",
    type: map("annotations (KEY=VALUE)", "KEY=VALUE"), scope: "local",
    help: "Annotations of an OCI image's manifest.",
  }),
  splitArtifacts: setting({
    name: "SplitArtifacts", section: "Output", option: "split-artifacts", type: artifacts, default: DEFAULT_ARTIFACTS,
    scope: "local", help: "Parts of the image that are also put beside it as files of their own.",
  }),
  repartDirectories: setting({
    name: "RepartDirectories", section: "Output", option: "repart-directory", type: list(paths()), scope: "local",
    pickup: ["mkosi.repart"], oldOptions: ["repart-dir"],
    help: "Directories with partition definitions for systemd-repart.",
  }),
  sectorSize: setting({
    name: "SectorSize", section: "Output", option: "sector-size", type: sectorSize, scope: "inherit",
    help: "The size of the disk's sectors.",
  }),
  overlay: setting({
    name: "Overlay", section: "Output", option: "overlay", type: boolean, scope: "local",
    help: "The output holds only what is added to the base trees.",
  }),
  seed: setting({
    name: "Seed", section: "Output", option: "seed", type: uuid, default: randomSeed, scope: "local",
    pickup: ["mkosi.seed"], pickupText: true,
    help: "The UUID that partition and file system UUIDs are derived from.",
  }),
  elTorito: setting({
    name: "ElTorito", section: "Output", option: "el-torito", type: feature, scope: "local",
    help: "Whether the disk image can be booted as a CD.",
  }),
  elToritoSystem: setting({
    name: "ElToritoSystem", section: "Output", option: "el-torito-system", type: string, scope: "local",
    help: "The system identifier of the CD's volume descriptor.",
  }),
  elToritoVolume: setting({
    name: "ElToritoVolume", section: "Output", option: "el-torito-volume", type: string, scope: "local",
    help: "The volume identifier of the CD's volume descriptor.",
  }),
  elToritoPublisher: setting({
    name: "ElToritoPublisher", section: "Output", option: "el-torito-publisher", type: string, scope: "local",
    help: "The publisher identifier of the CD's volume descriptor.",
  }),
  cleanScripts: setting({
    name: "CleanScripts", section: "Output", option: "clean-script", type: list(paths(), { globs: true }),
    scope: "local", pickup: ["mkosi.clean"], pickupEach: ["mkosi.clean.d/*"],
    help: "Programs that are run by the clean verb.",
  }),
};

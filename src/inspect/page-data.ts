// What the pages of `mkosi inspect --html` and `mkosi diff --html` show, as data.

import type { PageData, PartitionRow, TextTable } from "../pages/data.ts";
import { formatBytes } from "../report/quantity.ts";
import type { Contents, EfiProgram, Partition } from "./contents.ts";
import type { Difference, Differences } from "./difference.ts";
import { changeColumns, fileColumns } from "./file-columns.ts";
import { kindText, pcrText, systemName } from "./words.ts";

/** @param owners as ownersOf() finds them */
export function contentsPage(contents: Contents, owners: ReadonlyMap<string, number>): PageData {
  const { path, size, release, entries, packages, efi, units, partitions } = contents;
  const sizes = new Map<number, number>();
  for (const entry of entries) {
    const owner = owners.get(entry.path);
    if (owner !== undefined) sizes.set(owner, (sizes.get(owner) ?? 0) + entry.size);
  }
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Kind", kindText(contents)],
    ["Size", formatBytes(size)],
    ["System", systemName(contents)],
    ["Image", [release["IMAGE_ID"], release["IMAGE_VERSION"]].filter((word) => word !== undefined).join(" ")],
    ["Files", entries.length === 0 ? "" : String(entries.filter(({ type }) => type === "file").length)],
    ["Packages", packages.length === 0 ? "" : String(packages.length)],
    ["Starts", units.default],
  ];
  return {
    kind: "inspect",
    title: path,
    facts: facts.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value] as const])),
    partitions: partitions.filter(({ number }) => number > 0).map(partitionRow),
    packageNames: packages.map(({ name }) => name),
    files: fileColumns(entries, owners),
    tables: [
      {
        title: "Packages",
        columns: ["Name", "Version", "Architecture", "Says", ...(owners.size === 0 ? [] : ["In the image"])],
        rows: packages.map((each, index) => [
          ...[each.name, each.version, each.architecture, each.size],
          ...(owners.size === 0 ? [] : [sizes.get(index) ?? 0]),
        ]),
      },
      {
        title: "EFI programs",
        columns: ["Path", ...EFI_COLUMNS],
        rows: efi.map((each) => [each.path, ...efiCells(each)]),
      },
      { title: "Units", columns: ["Unit"], rows: units.enabled.map((unit) => [unit]) },
    ],
  };
}

/** @param paths the older image and the newer one, as they were asked for */
export function differencePage(difference: Difference, [older, newer]: readonly [string, string]): PageData {
  const { packages, files, partitions, efi, units, release } = difference;
  const counts = ({ added, removed, changed }: Differences<unknown>) =>
    `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  return {
    kind: "diff",
    title: `${older} → ${newer}`,
    facts: [
      ["Older", older],
      ["Newer", newer],
      ["Packages", counts(packages)],
      ["Files", counts(files)],
    ],
    partitions: [],
    packageNames: [],
    files: changeColumns(files),
    tables: [
      changes("Packages", ["Name", "Architecture", "Version", "Size"], packages, (each) => [
        ...[each.name, each.architecture, each.version, formatBytes(each.size)],
      ]),
      changes("Partitions", ["Type", "Label", "Size", "File system"], partitions, (each) => [
        ...[each.type, each.label, formatBytes(each.size), each.fileSystem?.type ?? ""],
      ]),
      changes("EFI programs", ["Path", ...EFI_COLUMNS], efi, (each) => [
        each.path,
        ...efiCells(each).map((cell) => (typeof cell === "number" ? formatBytes(cell) : cell)),
      ]),
      {
        title: "Units",
        columns: ["Change", "Unit"],
        rows: [...units.added.map((unit) => ["added", unit]), ...units.removed.map((unit) => ["removed", unit])],
      },
      {
        title: "os-release",
        columns: ["Field", "Older", "Newer"],
        rows: release.map(({ field, from, to }) => [field, from ?? "", to ?? ""]),
      },
    ],
  };
}

/** Of what has changed, a cell has both values where they are not the same. */
function changes<T>(
  title: string,
  columns: readonly string[],
  { added, removed, changed }: Differences<T>,
  cells: (each: T) => readonly string[],
): TextTable {
  return {
    title,
    columns: ["Change", ...columns, "What"],
    rows: [
      ...added.map((each) => ["added", ...cells(each), ""]),
      ...removed.map((each) => ["removed", ...cells(each), ""]),
      ...changed.map(({ from, to, what }) => {
        const old = cells(from);
        const both = cells(to).map((now, index) => (now === old[index] ? now : `${old[index]} → ${now}`));
        return ["changed", ...both, what.join(", ")];
      }),
    ],
  };
}

function partitionRow({ number, type, label, offset, size, fileSystem, mountPoint }: Partition): PartitionRow {
  return {
    ...{ number, type, label, offset, size },
    fileSystem: fileSystem?.type ?? "",
    mountPoint: mountPoint ?? "",
    ...(fileSystem?.used === undefined ? {} : { used: fileSystem.used, capacity: fileSystem.size ?? size }),
  };
}

const EFI_COLUMNS = [
  "Kind",
  "Size",
  "Kernel",
  "Command line",
  "Initrd",
  "Sections",
  "Profiles",
  "PCR signatures",
  "Signed by",
];

function efiCells({
  kind,
  size,
  sections,
  kernelVersion,
  commandLine,
  initrd,
  ...rest
}: EfiProgram): (string | number)[] {
  return [
    ...[kind, size, kernelVersion ?? "", commandLine ?? ""],
    initrd === undefined ? "" : `${initrd.files} entries, ${formatBytes(initrd.size)}`,
    sections.map(({ name }) => name).join(" "),
    rest.profiles.join(", "),
    pcrText(rest),
    rest.signers.join("; "),
  ];
}

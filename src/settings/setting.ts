// What a row of the settings table says about a setting. Parsing, command line, help, defaults, summary and
// documentation are all derived from it.

import type { ParseContext, ValueType } from "./types/value.ts";

export type Section =
  | "Include"
  | "Config"
  | "Distribution"
  | "Output"
  | "Content"
  | "Validation"
  | "Build"
  | "Runtime"
  | "Test";

/**
 * Where a setting may be set and which images get its value:
 * `local` – anywhere, nobody inherits it. `inherit` – anywhere, other images start with the main image's value.
 * `universal` – main image and tools tree; other images have the main image's. `multiversal` – main image only; other
 * images and the tools tree have its value. `initrd-inherit` – anywhere, the default initrd starts with it.
 * `initrd` – main image only, for the default initrd. `tools` – main image only, for the default tools tree.
 * `main` – main image only.
 */
export type Scope = "local" | "inherit" | "universal" | "multiversal" | "initrd-inherit" | "initrd" | "tools" | "main";

/** How a condition in [Match] is compared with the setting's value. */
export type Matcher =
  | "equal"
  | "word"
  | "pattern"
  | "version"
  | "feature"
  | "element"
  | "entry"
  | "architecture"
  | "build-sources";

/** What computed defaults may look at: settings (with their own defaults), and the machine. */
export interface DefaultContext {
  /** Name of the image: `main`, `tools`, `default-initrd` or a sub-image's. */
  readonly image: string;
  /** The project's directory, undefined when there is none (`-C ""`). */
  readonly directory: string | undefined;
  readonly environment: ParseContext["environment"];
  /** The current value of another setting, by its key in the table (which cannot name its own type). */
  get(key: string): unknown;
}

/** A default that depends on other settings or on the machine. */
export type Computed<Value> = (context: DefaultContext) => Value;

export interface SettingOptions<Value, Unset, Default> {
  readonly name: string;
  readonly section: Section;
  /** Long option without the dashes. */
  readonly option: string;
  /** One letter. */
  readonly short?: string;
  /** The short option takes no argument but stands for this value. */
  readonly shortMeans?: string;
  /** The long option may stand without argument for this value. */
  readonly bareMeans?: string;
  readonly type: ValueType<Value, Unset>;
  readonly default?: Default | Computed<Default>;
  /** An empty assignment leaves the setting without value instead of resetting it to its computed default. */
  readonly emptyUnsets?: boolean;
  readonly scope: Scope;
  /** The letter after `%`. */
  readonly specifier?: string;
  readonly match?: Matcher;
  /** Files or directories beside mkosi.conf that are taken as its value when they exist. */
  readonly pickup?: readonly string[];
  /** Patterns of files beside mkosi.conf that are each taken as a value. */
  readonly pickupEach?: readonly string[];
  /** The picked-up file's text is the value, or what it prints when it is executable. */
  readonly pickupText?: boolean;
  /** The picked-up file must not be accessible by others. */
  readonly pickupSecret?: boolean;
  /** It may be set in the default tools tree's own configuration too. */
  readonly tools?: boolean;
  /** The key of the setting that takes the values (an older way of writing it). */
  readonly into?: string;
  readonly oldNames?: readonly string[];
  readonly oldOptions?: readonly string[];
  /** The original has none such. Where it has its default, programs that read our JSON do not see it. */
  readonly own?: boolean;
  /** One sentence. */
  readonly help: string;
}

/** A row of the table; `Value` is what `Config` holds for it. */
export interface Setting<Value = unknown> extends SettingOptions<unknown, unknown, unknown> {
  /** Only there for the compiler. */
  readonly holds?: Value;
}

/** What a setting holds: its type's values, and what its default adds to them. */
type Held<Value, Default> = Value | (Default extends Value ? never : Default);

/** A row that is another way to write the setting with the key `Into` has no value of its own. */
type Row<Value, Into> = Into extends string ? Setting<Value> & { readonly into: Into } : Setting<Value>;

/** Declares a setting; with a default it always has a value, without one its type says what it holds when unset. */
export function setting<Value, Unset, const Default = Unset, const Into extends string | undefined = undefined>(
  options: SettingOptions<Value, Unset, Default> & { readonly into?: Into },
): Row<Held<Value, Default>, Into> {
  return options as unknown as Row<Held<Value, Default>, Into>;
}

type HeldBy<Declared> = Declared extends { readonly holds?: infer Value } ? Exclude<Value, undefined> : never;

/** The type of a configuration with the rows of the table as its fields. */
export type ConfigOf<Table> = {
  readonly [Key in keyof Table as Table[Key] extends { readonly into: string } ? never : Key]: HeldBy<Table[Key]>;
};

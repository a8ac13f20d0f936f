// When a project is read anew: a moment after something has changed, once for all that changed meanwhile.

import type { Diagnostic as Shown } from "vscode-languageserver/node";
import type { Machine } from "../config/session.ts";
import { type Placed, placeDiagnostics, shown } from "./diagnostics.ts";
import { type LoadedProject, loadAll, rootOf } from "./projects.ts";
import type { OpenTexts } from "./texts.ts";

export interface Projects {
  /** An open text is another one. */
  changed(path: string): void;
  closed(path: string): void;
  /** Some file may be another one. */
  changedOnDisk(): void;
  /** The project that a file is read in, as it was read last. */
  latest(path: string): LoadedProject | undefined;
  /** The same with all changes so far. */
  settled(path: string): Promise<LoadedProject | undefined>;
  /** What was found in a file. */
  diagnosticsOf(path: string): readonly Placed[];
}

export interface Listener {
  publish(path: string, diagnostics: readonly Shown[]): void;
  defect(error: unknown): void;
}

interface Watched {
  loaded?: LoadedProject;
  dirty: boolean;
  found: Map<string, Placed[]>;
  /** What the editor shows at the moment, by file. */
  readonly told: Map<string, string>;
}

/** Milliseconds: changes that come together are read together, and nobody notices the wait. */
const DELAY = 10;

export function watchProjects(machine: Machine, texts: OpenTexts, listener: Listener): Projects {
  const projects = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  const work = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    working = working.then(async () => {
      for (const [root, watched] of projects) if (watched.dirty) await refresh(root, watched);
    });
    return working;
  };
  const refresh = async (root: string, watched: Watched): Promise<void> => {
    watched.dirty = false;
    try {
      watched.loaded = await loadAll(root, machine, texts);
      watched.found = placeDiagnostics(watched.loaded, texts);
      tell(watched);
    } catch (error) {
      listener.defect(error);
    }
  };
  const tell = ({ found, told }: Watched): void => {
    for (const path of told.keys()) {
      if (found.has(path)) continue;
      told.delete(path);
      listener.publish(path, []);
    }
    for (const [path, placed] of found) {
      const diagnostics = placed.map(shown);
      const text = JSON.stringify(diagnostics);
      if (told.get(path) === text) continue;
      told.set(path, text);
      listener.publish(path, diagnostics);
    }
  };
  const mark = (watched: Watched): void => {
    watched.dirty = true;
    timer ??= setTimeout(() => void work(), DELAY);
  };
  /** Projects that have read a file, wherever they are. */
  const readers = (path: string): Watched[] =>
    [...projects.values()].filter(({ loaded }) =>
      loaded?.images.some(({ history }) => history.some((event) => event.type !== "assigned" && event.path === path)),
    );
  const find = (path: string): Watched | undefined => readers(path)[0] ?? projects.get(rootOf(path));

  return {
    changed(path) {
      const root = rootOf(path);
      const own = projects.get(root) ?? { dirty: true, found: new Map(), told: new Map() };
      projects.set(root, own);
      for (const watched of new Set([own, ...readers(path)])) mark(watched);
    },
    closed(path) {
      for (const watched of readers(path)) mark(watched);
      const root = rootOf(path);
      const watched = projects.get(root);
      if (watched === undefined) return;
      if (texts.paths().some((open) => rootOf(open) === root)) return mark(watched);
      // nobody looks at the project any more
      projects.delete(root);
      tell({ ...watched, found: new Map() });
    },
    changedOnDisk() {
      texts.beginReading(true);
      for (const watched of projects.values()) mark(watched);
    },
    latest: (path) => find(path)?.loaded,
    async settled(path) {
      await work();
      return find(path)?.loaded;
    },
    diagnosticsOf: (path) => [...projects.values()].flatMap(({ found }) => found.get(path) ?? []),
  };
}

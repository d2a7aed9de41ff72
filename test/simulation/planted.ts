import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { loadSystem, type System } from './system.ts';

/** A mistake that is made in one source file as it is loaded; the file on disk stays as it is, and no setting can reach it. */
export interface PlantedBug {
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** A seed that finds it. */
  readonly seed: number;
}

export const plantedBugs: readonly PlantedBug[] = [];

const sources = new URL('../../src/', import.meta.url);
/** The folders that a planted graph has copies of; the ground floor and the platform are shared, so that their errors stay the same classes. */
const copied = /^(raft|mvcc|state)\//;

function bugOf(url: string | undefined): PlantedBug | undefined {
  const name = url === undefined || !url.includes('?') ? null : new URL(url).searchParams.get('planted');
  return name === null ? undefined : plantedBugs.find((bug) => bug.name === name);
}

/** The file's text with the mistake in it. */
export function planted(bug: PlantedBug): string {
  const text = readFileSync(new URL(bug.file, sources), 'utf8');
  if (text.split(bug.find).length !== 2) throw new Error(`the planted bug ${bug.name} no longer fits ${bug.file}: ${JSON.stringify(bug.find)} stands there ${text.split(bug.find).length - 1} times`);
  return text.replace(bug.find, () => bug.replace);
}

let hooked = false;

function hook(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const bug = bugOf(context.parentURL);
      if (bug === undefined || !resolved.url.startsWith(sources.href) || resolved.url.includes('?')) return resolved;
      return copied.test(resolved.url.slice(sources.href.length)) ? { ...resolved, url: `${resolved.url}?planted=${bug.name}` } : resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const bug = bugOf(url);
      return bug !== undefined && url.startsWith(new URL(bug.file, sources).href) ? { ...loaded, source: planted(bug) } : loaded;
    },
  });
}

/** The store with this bug in it, beside the sound one. */
export function plantedSystem(bug: PlantedBug): Promise<System> {
  hook();
  planted(bug);
  return loadSystem(`?planted=${bug.name}`);
}

/** The store loaded with a mistake in it. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { type PlantedBug, plantedBugs } from './planted-bugs.ts';
import { loadSystem, type System } from './system.ts';

const sources = new URL('../../src/', import.meta.url);
/**
 * What a planted graph has copies of; the ground floor and the rest of the platform are shared, so that their errors
 * stay the same classes.
 */
const copied = /^(?:(raft|mvcc|state)\/|platform\/disk-cipher\.ts$)/;

function bugOf(url: string | undefined): PlantedBug | undefined {
  const name = url === undefined || !url.includes('?') ? null : new URL(url).searchParams.get('planted');
  return name === null ? undefined : plantedBugs.find((bug) => bug.name === name);
}

/** The file's text with the mistake in it. Throws when the file has changed so that the bug no longer fits. */
export function planted(bug: PlantedBug, file: string): string {
  let text = readFileSync(new URL(file, sources), 'utf8');
  for (const edit of bug.edits.filter((other) => other.file === file)) {
    const places = text.split(edit.find).length - 1;
    if (places !== 1)
      throw new Error(
        `the planted bug ${bug.name} no longer fits ${file}: ${JSON.stringify(edit.find)} stands there ${places} times`,
      );
    text = text.replace(edit.find, () => edit.replace);
  }
  return text;
}

// Only module graphs that name a planted bug are touched.
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const bug = bugOf(context.parentURL);
    if (bug === undefined || !resolved.url.startsWith(sources.href) || resolved.url.includes('?')) return resolved;
    return copied.test(resolved.url.slice(sources.href.length))
      ? { ...resolved, url: `${resolved.url}?planted=${bug.name}` }
      : resolved;
  },
  load(url, context, next) {
    const loaded = next(url, context);
    const bug = bugOf(url);
    const file = url.slice(sources.href.length).replace(/\?.*/, '');
    return bug?.edits.some((edit) => edit.file === file) === true ? { ...loaded, source: planted(bug, file) } : loaded;
  },
});

/** The store with this bug in it, beside the sound one. */
export function plantedSystem(bug: PlantedBug): Promise<System> {
  for (const { file } of bug.edits) planted(bug, file);
  return loadSystem(`?planted=${bug.name}`);
}

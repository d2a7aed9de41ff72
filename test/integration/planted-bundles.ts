import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { buildBundle } from '../../scripts/build.ts';

const sources = join(resolve(import.meta.dirname, '..', '..'), 'src');

interface Edit {
  /** Below src/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A mistake that a cluster may have, made where it would be made. */
export interface PlantedBundle {
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** The program with this mistake in it, in a folder of its own. Rejects when it no longer fits the sources. */
export async function buildPlanted({ name, edits }: PlantedBundle, into: string): Promise<void> {
  const used = new Set<Edit>();
  const plugin: Plugin = {
    name,
    setup: (bundler) => {
      bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const own = edits.filter(({ file }) => path === join(sources, file));
        if (own.length === 0) return undefined;
        let text = readFileSync(path, 'utf8');
        for (const edit of own) {
          if (text.split(edit.find).length !== 2) throw new Error(`${name} no longer fits ${edit.file}`);
          text = text.replace(edit.find, () => edit.replace);
          used.add(edit);
        }
        return { contents: text, loader: 'ts' };
      });
    },
  };
  await buildBundle({ into, plugins: [plugin] });
  if (used.size !== edits.length) throw new Error(`${name}: not every file of it is in the program`);
}

/** Writes the figures of many nodes into docs/. */
import { writeFileSync } from 'node:fs';
import { documentFile, growthSeries, writeFigureBlock } from '../documents.ts';
import type { Figure } from '../figures.ts';
import { plot } from '../plot.ts';

/** Puts the figures of this run into docs/SCALE.md, and draws what a write costs the member among ever more objects. */
export function writeDocuments(figures: readonly Figure[], how: string): void {
  const title = {
    title: 'What a write costs among ever more objects',
    x: 'objects stored, or nodes',
    y: 'processor time of the member, µs',
  };
  writeFileSync(documentFile('scale-writes.svg'), plot(title, growthSeries(figures, 'µs')));
  writeFigureBlock({
    page: 'SCALE.md',
    name: 'figures',
    figures,
    script: 'bench:scale',
    how,
    drawing: { file: 'scale-writes.svg', title: title.title },
  });
}

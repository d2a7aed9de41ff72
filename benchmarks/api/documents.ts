/** Writes the figures of the API server into docs/. */
import { writeFileSync } from 'node:fs';
import { documentFile, growthSeries, writeFigureBlock } from '../documents.ts';
import type { Figure } from '../figures.ts';
import { plot } from '../plot.ts';

/** Puts the figures of this run into docs/api-server.md, and draws how costs and memory grow. */
export function writeDocuments(figures: readonly Figure[], how: string): void {
  const title = {
    title: 'What one request or delivery costs the member',
    x: 'pods stored, or watchers',
    y: 'processor time, µs',
  };
  writeFileSync(documentFile('api-server-growth.svg'), plot(title, growthSeries(figures, 'µs')));
  writeFileSync(
    documentFile('scale-memory.svg'),
    plot({ title: 'Memory of a member', x: 'pods of 2.4 KB stored', y: 'resident, MB' }, growthSeries(figures, 'MB')),
  );
  writeFigureBlock({
    page: 'api-server.md',
    name: 'figures',
    figures,
    script: 'bench:api',
    how,
    drawing: { file: 'api-server-growth.svg', title: title.title },
  });
}

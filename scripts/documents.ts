/**
 * Writes the documents that are made from the source: docs/metrics.md, docs/grafana-dashboard.json, docs/asyncapi.json.
 * `--check`: says which differ instead.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asyncapiDocument } from './documents/asyncapi.ts';
import { grafanaDocument } from './documents/grafana.ts';
import { metricsDocument } from './documents/metrics.ts';

const folder = resolve(import.meta.dirname, '..', 'docs');
export const documents: Readonly<Record<string, () => string>> = {
  'metrics.md': metricsDocument,
  'grafana-dashboard.json': grafanaDocument,
  'asyncapi.json': asyncapiDocument,
};

/** Documents that are not what the source makes of them now. */
export function staleDocuments(): readonly string[] {
  return Object.entries(documents)
    .filter(([file, make]) => !existsSync(join(folder, file)) || readFileSync(join(folder, file), 'utf8') !== make())
    .map(([file]) => file);
}

if (import.meta.main) {
  const stale = staleDocuments();
  if (process.argv.includes('--check')) {
    for (const file of stale)
      console.error(`docs/${file} is not what the source makes of it; run node scripts/documents.ts`);
    process.exit(stale.length === 0 ? 0 : 1);
  }
  for (const file of stale) writeFileSync(join(folder, file), documents[file]?.() ?? '');
}

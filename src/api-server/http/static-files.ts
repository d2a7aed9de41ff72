/** The dashboard's files, read from their folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { textHash } from '../auth/index.ts';
import type { CachedDocument } from '../paths/cached-document.ts';
import type { StaticFiles } from '../paths/troupe/index.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};
const fileBytesMax = 4 * 1024 * 1024;

/**
 * The files of a folder, read when the first one is asked for: only names that exist are served, so no path leads out
 * of it.
 */
export function staticFiles(folder: string | undefined): StaticFiles {
  let files: ReadonlyMap<string, CachedDocument> | undefined;
  return (path) => {
    if (folder === undefined) return undefined;
    files ??= readFolder(folder);
    return files.get(path);
  };
}

function readFolder(folder: string): ReadonlyMap<string, CachedDocument> {
  const files = new Map<string, CachedDocument>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if (statSync(file).size > fileBytesMax) continue;
    const bytes = readFileSync(file);
    const contentType = types[extname(entry.name).toLowerCase()] ?? 'application/octet-stream';
    files.set(relative(folder, file).split(sep).join('/'), {
      bytes,
      contentType,
      tag: textHash(bytes.toString('latin1')).slice(0, 32),
    });
  }
  return files;
}

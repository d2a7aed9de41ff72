/** The wrapped data keys in a store's folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../process/index.ts';

/** A data key as it lies on disk. */
export interface StoredDataKey {
  readonly id: number;
  /** The key that wrapped it. */
  readonly by: string;
  /** Base64. */
  readonly wrapped: string;
}

export const dataKeysFile = (storeFolder: string): string => join(storeFolder, 'data-keys.json');

export function readDataKeys(storeFolder: string): readonly StoredDataKey[] {
  const file = dataKeysFile(storeFolder);
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { readonly keys: readonly StoredDataKey[] }).keys
    : [];
}

/** Durable when it returns: nothing may be sealed before its key is safe. */
export function writeDataKeys(storeFolder: string, keys: readonly StoredDataKey[]): void {
  writePrivate(dataKeysFile(storeFolder), `${JSON.stringify({ keys })}\n`);
}

/** The names of the keys that a store's folder needs to be read. */
export function wrappedBy(storeFolder: string): readonly string[] {
  return [...new Set(readDataKeys(storeFolder).map(({ by }) => by))].sort();
}

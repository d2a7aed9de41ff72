/** Shows and rotates the keys that encrypt the stores of a home. */
import { existsSync } from 'node:fs';
import { delay, type Timers } from '../../base/index.ts';
import type { Home, Settings } from '../process/index.ts';
import { dataKeysFile, wrappedBy } from './data-keys.ts';
import { dropOldKeys, newKeyFirst, readKeysFile } from './keys-file.ts';
import { keysFileOf } from './store-encryption.ts';

interface RotationPlace {
  readonly home: Home;
  readonly settings: Settings['encryption'];
  readonly storeFolders: readonly string[];
}

/** The keys, and those that each store of this home still needs. */
interface EncryptionStatus {
  readonly file: string;
  /** The newest first. */
  readonly keys: readonly string[];
  readonly stores: readonly { readonly folder: string; readonly needs: readonly string[] }[];
}

export function encryptionStatus({ home, settings, storeFolders }: RotationPlace): EncryptionStatus {
  const file = keysFileOf(home, settings);
  return {
    file,
    keys: existsSync(file) ? readKeysFile(file).map(({ name }) => name) : [],
    stores: storeFolders
      .filter((folder) => existsSync(dataKeysFile(folder)))
      .map((folder) => ({ folder, needs: wrappedBy(folder) })),
  };
}

const pollMs = 250;

/**
 * Puts a new key first, waits until every store of this home uses only that one, and drops the old keys. When a store
 * does not follow in time (its member is stopped), the old keys stay, and the answer names that store.
 */
export async function rotateEncryption(
  place: RotationPlace,
  ports: { readonly timers: Timers; readonly waitMs: number },
): Promise<{ readonly key: string; readonly dropped: readonly string[]; readonly behind: readonly string[] }> {
  const file = keysFileOf(place.home, place.settings);
  const key = newKeyFirst(file);
  const behind = (): readonly string[] =>
    encryptionStatus(place)
      .stores.filter(({ needs }) => needs.some((name) => name !== key))
      .map(({ folder }) => folder);
  for (let waited = 0; behind().length > 0 && waited < ports.waitMs; waited += pollMs)
    await delay(ports.timers, pollMs);
  const left = behind();
  return { key, dropped: left.length === 0 ? dropOldKeys(file) : [], behind: left };
}

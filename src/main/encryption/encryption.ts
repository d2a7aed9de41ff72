import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Disk, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type DataKey, DiskCipher } from '../../platform/index.ts';
import { rewriteStore, type StoreMember } from '../../state/index.ts';
import { readDataKeys, type StoredDataKey, writeDataKeys } from './data-keys.ts';
import type { KeyWrapping } from './key-wrapping.ts';

export interface EncryptionOptions {
  readonly storeFolder: string;
  readonly wrapping: KeyWrapping;
  /** Nothing is to be written: no fresh key is made. */
  readonly readOnly?: boolean;
  readonly timers: Timers;
  readonly log: Logger;
}

/** The encryption of one member's store. */
export interface Encryption {
  /** The disk with its cipher. */
  disk(plain: Disk): Disk;
  /** Begins to look after the keys: drops those that nothing needs, and follows a change of the operator's key. */
  follow(store: StoreMember): void;
  stop(): void;
}

const lookMs = 2_000;
const secretBytes = 32;

/** Unwraps the store's data keys and makes a fresh one. Rejects when a key that is needed is missing. */
export async function openEncryption(options: EncryptionOptions): Promise<Encryption> {
  const { storeFolder, wrapping, timers, log } = options;
  if (options.readOnly !== true) mkdirSync(storeFolder, { recursive: true, mode: 0o700 });
  let stored = readDataKeys(storeFolder);
  /** What lies on disk is to be sealed anew: it was never sealed, or by a key that the operator wants to be rid of. */
  let unwritten = stored.length === 0 && existsSync(join(storeFolder, 'log'));
  const known: DataKey[] = [];
  for (const key of stored)
    known.push({ id: key.id, secret: await wrapping.unwrap(key.by, Buffer.from(key.wrapped, 'base64')) });
  const cipher = new DiskCipher(known);
  let wrappingName = '';
  if (options.readOnly !== true) await freshKey();

  async function freshKey(): Promise<void> {
    const key: DataKey = { id: newId(stored), secret: randomBytes(secretBytes) };
    const { by, wrapped } = await wrapping.wrap(key.secret);
    stored = [...stored, { id: key.id, by, wrapped: Buffer.from(wrapped).toString('base64') }];
    writeDataKeys(storeFolder, stored);
    cipher.sealWith(key);
    wrappingName = by;
  }
  const keep = (ids: ReadonlySet<number>): void => {
    const kept = stored.filter(({ id }) => ids.has(id));
    if (kept.length === stored.length) return;
    stored = kept;
    writeDataKeys(storeFolder, kept);
  };

  async function look(rewrite: () => Promise<void>): Promise<void> {
    if ((await wrapping.current()) !== wrappingName) {
      await freshKey();
      unwritten = true;
    }
    const newest = stored.at(-1);
    if (!unwritten || newest === undefined) return;
    await rewrite();
    keep(new Set([newest.id]));
    unwritten = false;
    log.info('the store is encrypted with a new key', { key: wrappingName });
  }

  let busy = false;
  let timer: { cancel(): void } | undefined;
  return {
    disk: (plain) => ({
      cipher,
      open: (path, mode) => plain.open(path, mode),
      list: (folder) => plain.list(folder),
      rename: (from, to) => plain.rename(from, to),
      remove: (path) => plain.remove(path),
      makeFolder: (path) => plain.makeFolder(path),
      syncFolder: (path) => plain.syncFolder(path),
    }),
    follow: (store) => {
      const last = stored.at(-1);
      keep(new Set([...cipher.used, ...(last === undefined ? [] : [last.id])]));
      unwritten ||= stored.some(({ by }) => by !== wrappingName);
      timer = timers.every(lookMs, () => {
        if (busy) return;
        busy = true;
        look(() => rewriteStore(store))
          .catch((error: unknown) => {
            log.error('the key of the store could not be changed; tried again', { error: errorMessage(error) });
          })
          .finally(() => {
            busy = false;
          });
      });
    },
    stop: () => {
      timer?.cancel();
    },
  };
}

function newId(known: readonly StoredDataKey[]): number {
  for (;;) {
    const id = randomBytes(4).readUInt32BE(0);
    if (!known.some((key) => key.id === id)) return id;
  }
}

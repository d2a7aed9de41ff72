/** The encryption of one member's store: its data keys, and their rotation while it runs. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Disk, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type DataKey, DiskCipher } from '../../platform/index.ts';
import { openSealed, rewriteStore, type StoreMember } from '../../state/index.ts';
import { readDataKeys, type StoredDataKey, writeDataKeys } from './data-keys.ts';
import type { KeyWrapping } from './key-wrapping.ts';

interface EncryptionOptions {
  readonly storeFolder: string;
  readonly wrapping: KeyWrapping;
  /** Write nothing: no fresh key is made. */
  readonly readOnly?: boolean | undefined;
  readonly timers: Timers;
  readonly log: Logger;
}

export interface Encryption {
  /** The disk with its cipher. */
  disk(plain: Disk): Disk;
  /** Drops the keys that nothing needs, and follows changes of the operator's key from now on. */
  follow(store: StoreMember): void;
  stop(): void;
}

const periodMs = 2_000;
const secretBytes = 32;

/** Unwraps the store's data keys and makes a fresh one. Rejects when a key that is needed is missing. */
export async function openEncryption(options: EncryptionOptions): Promise<Encryption> {
  const { storeFolder, wrapping, readOnly = false } = options;
  if (!readOnly) mkdirSync(storeFolder, { recursive: true, mode: 0o700 });
  const stored = readDataKeys(storeFolder);
  const known: DataKey[] = [];
  for (const { id, by, wrapped } of stored)
    known.push({ id, secret: await wrapping.unwrap(by, Buffer.from(wrapped, 'base64')) });
  const encryption = new StoreEncryption(options, stored, new DiskCipher(known));
  if (!readOnly) await encryption.freshKey();
  return encryption;
}

class StoreEncryption implements Encryption {
  readonly #options: EncryptionOptions;
  readonly #cipher: DiskCipher;
  /** The data keys as they lie in the folder, oldest first. */
  #stored: readonly StoredDataKey[];
  /** The operator's key that wraps the newest data key. */
  #wrappingName = '';
  /** The files must be rewritten: they were never encrypted, or by a key that is being retired. */
  #mustRewrite: boolean;
  /** The disk without its cipher, once there is one. */
  #plain: Disk | undefined;
  #busy = false;
  #timer: { cancel(): void } | undefined;

  constructor(options: EncryptionOptions, stored: readonly StoredDataKey[], cipher: DiskCipher) {
    this.#options = options;
    this.#stored = stored;
    this.#cipher = cipher;
    this.#mustRewrite = stored.length === 0 && existsSync(join(options.storeFolder, 'log'));
  }

  disk(plain: Disk): Disk {
    this.#plain = plain;
    return this.#sealed(plain, this.#cipher);
  }

  #sealed(plain: Disk, cipher: DiskCipher): Disk {
    return {
      cipher,
      open: (path, mode) => plain.open(path, mode),
      list: (folder) => plain.list(folder),
      rename: (from, to) => plain.rename(from, to),
      remove: (path) => plain.remove(path),
      makeFolder: (path) => plain.makeFolder(path),
      syncFolder: (path) => plain.syncFolder(path),
    };
  }

  follow(store: StoreMember): void {
    const newest = this.#stored.at(-1);
    this.#keepOnly(new Set([...this.#cipher.used, ...(newest === undefined ? [] : [newest.id])]));
    this.#mustRewrite ||= this.#stored.some(({ by }) => by !== this.#wrappingName);
    this.#timer = this.#options.timers.every(periodMs, () => {
      this.#tick(store);
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Encrypts by a new data key from now on. */
  async freshKey(): Promise<void> {
    const { wrapping, storeFolder } = this.#options;
    const key: DataKey = { id: newId(this.#stored), secret: randomBytes(secretBytes) };
    const { by, wrapped } = await wrapping.wrap(key.secret);
    this.#stored = [...this.#stored, { id: key.id, by, wrapped: Buffer.from(wrapped).toString('base64') }];
    writeDataKeys(storeFolder, this.#stored);
    this.#cipher.sealWith(key);
    this.#wrappingName = by;
  }

  #tick(store: StoreMember): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#followWrapping(store)
      .catch((error: unknown) => {
        this.#options.log.error('cannot change the key of the store; retrying', { error: errorMessage(error) });
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  async #followWrapping(store: StoreMember): Promise<void> {
    if ((await this.#options.wrapping.current()) !== this.#wrappingName) {
      await this.freshKey();
      this.#mustRewrite = true;
    }
    const newest = this.#stored.at(-1);
    if (!this.#mustRewrite || newest === undefined) return;
    await rewriteStore(store);
    const needed = await this.#needed();
    this.#keepOnly(new Set([...needed, newest.id]));
    if ([...needed].some((id) => id !== newest.id)) throw new Error('files of the store still need an older key');
    this.#mustRewrite = false;
    this.#options.log.info('the store is encrypted with a new key', { key: this.#wrappingName });
  }

  /** The data keys that the next start needs, as the files themselves say. */
  async #needed(): Promise<ReadonlySet<number>> {
    const reader = this.#cipher.reader();
    if (this.#plain !== undefined)
      await openSealed({ disk: this.#sealed(this.#plain, reader), folder: this.#options.storeFolder });
    return reader.used;
  }

  #keepOnly(ids: ReadonlySet<number>): void {
    const kept = this.#stored.filter(({ id }) => ids.has(id));
    if (kept.length === this.#stored.length) return;
    this.#stored = kept;
    writeDataKeys(this.#options.storeFolder, kept);
  }
}

function newId(known: readonly StoredDataKey[]): number {
  for (;;) {
    const id = randomBytes(4).readUInt32BE(0);
    if (!known.some((key) => key.id === id)) return id;
  }
}

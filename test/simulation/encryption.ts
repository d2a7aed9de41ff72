/** The encryption of one member's files, as `troupe` does it, and what must be true of whatever it seals. */
import type { Cipher, Disk, DiskFile, Random } from '../../src/base/index.ts';
import type { DataKey, DiskCipher } from '../../src/platform/index.ts';
import type { Ledger } from './ledger.ts';
import type { System } from './system.ts';

/** Stands in every value that a run writes, so it may stand in no file that is encrypted. */
const clearText = Buffer.from('resourceVersion');
/** Of so many sealed pieces, one is opened on trial. */
const triedEvery = 16;
const headBytes = 16;
/**
 * Nothing is sealed for one place more often within a life: a write of the log may come again, and each snapshot begins
 * at its first byte.
 */
const samePlaceMax = { log: 200, snapshot: 2_000 } as const;

const folder = '/store';

interface KeyParts {
  readonly ledger: Ledger;
  readonly system: System;
  readonly random: Random;
}

/**
 * The data keys of one member: a fresh one in each life and at each rotation, the others only as long as a file needs
 * them. They are kept apart from the disk that faults strike.
 */
export class MemberKeys {
  readonly #member: string;
  readonly #ledger: Ledger;
  readonly #system: System;
  readonly #random: Random;
  /** Oldest first. */
  #kept: readonly DataKey[] = [];
  #cipher: DiskCipher;
  /** Key and nonce of all that was sealed. */
  readonly #heads = new Set<string>();
  /** How often something was sealed for a place, in this life. */
  #places = new Map<string, number>();

  constructor(member: string, { ledger, system, random }: KeyParts) {
    this.#member = member;
    this.#ledger = ledger;
    this.#system = system;
    this.#random = random;
    this.#cipher = new system.DiskCipher([]);
  }

  /** The disk of a process that begins. */
  disk(plain: Disk): Disk {
    this.#cipher = new this.#system.DiskCipher(this.#kept);
    this.#places = new Map();
    this.#freshKey();
    return this.#sealed(plain, this.#watched(this.#cipher));
  }

  /** The disk for somebody who only reads. */
  readable(plain: Disk): Disk {
    return this.#sealed(plain, new this.#system.DiskCipher(this.#kept));
  }

  /** The store has started: what no file needed is forgotten. */
  started(): void {
    this.#keep(this.#cipher.used);
  }

  /** A fresh key seals from now on; the call that it returns says whether it still does. */
  change(): () => boolean {
    this.#freshKey();
    const newest = this.#kept.at(-1);
    return () => this.#kept.at(-1) === newest;
  }

  /**
   * Forgets the keys that no file needs, as the files themselves say; whether that leaves the newest alone. Rejects
   * while files change.
   */
  async retire(plain: Disk): Promise<boolean> {
    const reader = this.#cipher.reader();
    const newest = this.#kept.at(-1)?.id;
    await this.#system.openSealed({ disk: this.#sealed(plain, reader), folder });
    // The member has begun another life meanwhile.
    if (newest !== this.#kept.at(-1)?.id) throw new Error('the key has changed');
    this.#keep(reader.used);
    return this.#kept.length === 1;
  }

  #keep(used: ReadonlySet<number>): void {
    const newest = this.#kept.at(-1);
    this.#kept = this.#kept.filter((key) => key === newest || used.has(key.id));
  }

  #freshKey(): void {
    const key = { id: Buffer.from(this.#random.bytes(4)).readUInt32BE(0), secret: this.#random.bytes(32) };
    this.#kept = [...this.#kept, key];
    this.#cipher.sealWith(key);
  }

  #sealed(plain: Disk, cipher: Cipher): Disk {
    return {
      cipher,
      open: async (path, mode) => this.#withoutClearText(path, await plain.open(path, mode)),
      list: (of) => plain.list(of),
      rename: (from, to) => plain.rename(from, to),
      remove: (path) => plain.remove(path),
      makeFolder: (path) => plain.makeFolder(path),
      syncFolder: (path) => plain.syncFolder(path),
    };
  }

  #withoutClearText(path: string, file: DiskFile): DiskFile {
    return {
      write: (chunks, position) => {
        if (chunks.some((chunk) => viewOf(chunk).includes(clearText)))
          this.#ledger.fail('clear-text', `${this.#member} writes a value to ${path} as it is`);
        return file.write(chunks, position);
      },
      read: (position, length) => file.read(position, length),
      dataSync: () => file.dataSync(),
      truncate: (length) => file.truncate(length),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  /** No nonce comes twice under a key, and what was sealed opens at its place, whole, and no other way. */
  #watched(cipher: DiskCipher): Cipher {
    return {
      seal: (plain, place, room = 0) => {
        const sealed = cipher.seal(plain, place, room);
        const head = viewOf(sealed).toString('hex', room, room + headBytes);
        if (this.#heads.has(head)) this.#ledger.fail('nonce', `${this.#member} uses a nonce for the second time`);
        this.#heads.add(head);
        this.#seals(place);
        if (this.#heads.size % triedEvery === 0) this.#try(plain, place, sealed.subarray(room));
        return sealed;
      },
      open: (sealed, place) => cipher.open(sealed, place),
    };
  }

  #seals(place: Uint8Array): void {
    const where = viewOf(place).toString('hex');
    const times = (this.#places.get(where) ?? 0) + 1;
    this.#places.set(where, times);
    if (times > samePlaceMax[where.startsWith('00000000') ? 'snapshot' : 'log'])
      this.#ledger.fail('same-place', `${this.#member} has sealed ${times} pieces for one place (${where})`);
  }

  #try(plain: Uint8Array, place: Uint8Array, sealed: Uint8Array): void {
    const reader = this.#cipher.reader();
    const changed = Uint8Array.from(sealed);
    const at = headBytes + this.#random.below(changed.length - headBytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const elsewhere = Uint8Array.from(place);
    elsewhere[0] = (elsewhere[0] ?? 0) ^ 1;
    if (!viewOf(reader.open(sealed, place)).equals(plain))
      this.#ledger.fail('sealed', `${this.#member} seals bytes that open as others`);
    for (const [what, bytes, where] of [
      ['changed', changed, place],
      ['moved', sealed, elsewhere],
    ] as const)
      if (opens(reader, bytes, where)) this.#ledger.fail('forged', `${this.#member} opens bytes that were ${what}`);
  }
}

function opens(cipher: Cipher, sealed: Uint8Array, place: Uint8Array): boolean {
  try {
    cipher.open(sealed, place);
    return true;
  } catch {
    return false;
  }
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

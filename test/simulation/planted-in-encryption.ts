/** Mistakes planted in the encryption of the store's files. */
import type { PlantedBug } from './planted-bugs.ts';

const frames = 'raft/wal/frame.ts';
const snapshotFile = 'raft/wal/snapshot-file.ts';
const cipher = 'platform/disk-cipher.ts';
const opening = 'state/open-store.ts';

/** One change each, or one on the way in and the same on the way out. */
export const encryptionBugs: readonly PlantedBug[] = [
  {
    name: 'log-in-clear-text',
    breaks: 'encryption: the log is written as it is',
    edits: [
      { file: frames, find: 'if (cipher === undefined) return withCrc(plain);', replace: 'return withCrc(plain);' },
    ],
    seeds: [1000],
  },
  {
    name: 'snapshot-in-clear-text',
    breaks: 'encryption: snapshots are written as they are',
    edits: [
      {
        file: snapshotFile,
        find: 'cipher === undefined ? format : sealedFormat',
        replace: 'format',
      },
      {
        file: snapshotFile,
        find: 'cipher === undefined ? plain : cipher.seal(plain, word(0, position))',
        replace: 'plain',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'a-rotation-leaves-the-last-segment',
    breaks: 'encryption: a rotation leaves what needs the old key',
    edits: [
      {
        file: opening,
        find: '  await store.compact(oldest);\n  await store.compact(oldest);',
        replace: '  await store.compact(oldest);',
      },
    ],
    seeds: [1041],
  },
  {
    name: 'frames-sealed-for-any-place',
    breaks: 'encryption: a sealed batch of the log opens elsewhere in it, too',
    edits: [
      {
        file: frames,
        find: 'cipher.seal(plain.subarray(frameBytes), plain.subarray(4, 12), frameBytes)',
        replace: 'cipher.seal(plain.subarray(frameBytes), plain.subarray(4, 8), frameBytes)',
      },
      {
        file: frames,
        find: 'cipher.open(frame.subarray(frameBytes), frame.subarray(4, 12))',
        replace: 'cipher.open(frame.subarray(frameBytes), frame.subarray(4, 8))',
      },
    ],
    seeds: [1064],
  },
  {
    name: 'a-nonce-comes-again',
    breaks: 'encryption: two pieces are sealed with one nonce, which tells both',
    edits: [{ file: cipher, find: 'this.#sealed += 1n;', replace: 'this.#sealed ^= 1n;' }],
    seeds: [1000],
  },
  {
    name: 'sealed-bytes-may-be-changed',
    breaks: 'encryption: what was changed on the disk opens as if it had not been',
    edits: [{ file: cipher, find: '      decipher.final();', replace: '      void decipher;' }],
    seeds: [1000],
  },
  {
    name: 'sealed-bytes-may-be-moved',
    breaks: 'encryption: what was moved on the disk opens at its new place',
    edits: [
      { file: cipher, find: '    cipher.setAAD(place);\n    bytes', replace: '    bytes' },
      { file: cipher, find: '    decipher.setAAD(place);\n', replace: '' },
    ],
    seeds: [1000],
  },
];

/** Mistakes planted in what the disk holds: order of writes and syncs, segments, snapshots, recovery. */
import type { PlantedBug } from './planted-bugs.ts';

const snapshotFile = 'raft/wal/snapshot-file.ts';
const log = 'raft/wal/write-ahead-log.ts';
const recovery = 'raft/wal/recovery.ts';

/** One change each. */
export const fileBugs: readonly PlantedBug[] = [
  {
    name: 'snapshot-renamed-without-a-sync-of-its-folder',
    breaks: 'disk order: the log goes before the snapshot that covers it has its name',
    edits: [
      {
        file: snapshotFile,
        find: '  await disk.rename(aside, path);\n  await disk.syncFolder(folder);\n',
        replace: '  await disk.rename(aside, path);\n',
      },
      {
        file: snapshotFile,
        find: 'await disk.remove(`${folder}/${name}`);\n  await disk.syncFolder(folder);\n',
        replace: 'await disk.remove(`${folder}/${name}`);\n',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'segment-renamed-without-a-sync-of-its-folder',
    breaks: 'disk order: a power loss takes a segment with what was acknowledged in it',
    edits: [
      {
        file: log,
        find: '    await disk.syncFolder(folder);\n    const followed',
        replace: '    const followed',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'log-goes-before-its-snapshot',
    breaks: 'disk order: segments are deleted before the snapshot that covers them is in place',
    edits: [
      {
        file: 'state/snapshot/snapshotter.ts',
        find: '      await durable(mark.index).catch(stop);\n',
        replace: '      await durable(mark.index).catch(stop);\n      await this.#wal.deleteThrough(mark.index);\n',
      },
    ],
    seeds: [1007],
  },
  {
    name: 'a-segment-too-many-goes',
    breaks: 'disk order: a segment goes that the snapshot does not cover',
    edits: [
      {
        file: log,
        find: '.lastIndex <= index) {',
        replace: '.lastIndex <= index + 5) {',
      },
    ],
    seeds: [1005],
  },
  {
    name: 'all-snapshots-go',
    breaks: 'snapshots: the new one goes with the old ones',
    edits: [
      {
        file: snapshotFile,
        find: 'if (name !== nameOf(mark.index)) await disk.remove',
        replace: "if (name !== 'next.tmp') await disk.remove",
      },
    ],
    seeds: [1000],
  },
  {
    name: 'a-snapshot-does-not-empty-the-log',
    breaks: 'recovery: what stood before a snapshot of the leader stands in front of what came behind it',
    edits: [
      {
        file: recovery,
        find: '      this.base = batch.base;\n      this.entries = [];\n',
        replace: '      this.base = batch.base;\n',
      },
    ],
    seeds: [1011],
  },
  {
    name: 'damage-is-cut-as-a-torn-end',
    breaks: 'recovery: a batch that rotted is cut with all behind it, without a word',
    edits: [
      {
        file: 'raft/wal/segment.ts',
        find:
          '  if (broken) throw new CorruptError(segment.path, segment.bytes, ' +
          "'whole batches follow a broken one');\n",
        replace: '  if (broken && last) return endOfContent(bytes, segment.bytes) - segment.bytes;\n',
      },
      {
        file: recovery,
        find: 'const missing = isMissing(last);',
        replace: 'const missing = false && isMissing(last);',
      },
    ],
    seeds: [1002],
  },
  {
    name: 'replaced-entries-come-back-at-a-restart',
    breaks: 'recovery: what a leader replaced stands beside what took its place',
    edits: [{ file: recovery, find: '      this.entries.length = place;\n', replace: '' }],
    seeds: [1008],
  },
  {
    name: 'log-follows-a-snapshot-that-is-not-there',
    breaks: 'disk order: the log says that it follows a snapshot of the leader before that one is kept',
    edits: [
      {
        file: 'state/log-writer.ts',
        find: '        if (snapshot !== undefined) await this.#keep({ ...persist, snapshot });\n',
        replace: '',
      },
      {
        file: 'state/log-writer.ts',
        find: '        await this.#wal.append({ base, hardState, entries });\n',
        replace:
          '        await this.#wal.append({ base, hardState, entries });\n' +
          '        if (snapshot !== undefined) await this.#keep({ ...persist, snapshot });\n',
      },
    ],
    seeds: [1007],
  },
  {
    name: 'an-empty-segment-holds-the-log-up',
    breaks: 'bounds: after a full disk no snapshot shortens the log any more',
    edits: [{ file: log, find: 'place > 0 && bytes > from', replace: 'place === 1 && bytes > from' }],
    seeds: [2530],
  },
];

import test from 'ava';
import {
  type Cipher,
  CipherError,
  type Disk,
  DiskError,
  type LogIndex,
  seededRandom,
  silentLogger,
  type Term,
} from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import type { Entry } from '../core/index.ts';
import {
  CorruptError,
  crc32c,
  openWriteAheadLog,
  readSnapshot,
  writeSnapshot,
  type WriteAheadLogOptions,
} from './index.ts';

const folder = '/data/log';
const entry = (index: number, term = 1, size = 20): Entry => ({
  index: index as LogIndex,
  term: term as Term,
  type: 'data',
  data: new Uint8Array(size).fill(index % 251),
});
const hardState = (term: number, vote = 'a') => ({ term: term as Term, vote, commit: 0 as LogIndex });
const optionsOn = (disk: SimulatedDisk, segmentBytes = 16 * 1024): WriteAheadLogOptions => ({
  disk: disk.mount(),
  folder,
  clock: new SimulatedTime(),
  log: silentLogger,
  segmentBytes,
});

test('the checksum is CRC-32C', (t) => {
  t.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.is(crc32c(new TextEncoder().encode('56789'), crc32c(new TextEncoder().encode('1234'))), 0xe3069283);
});

test('what was appended is there after a reopening: entries, the newest hard state, and replaced ends', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk));
  await wal.append({ hardState: hardState(1), entries: [entry(1), entry(2), entry(3)] });
  await wal.append({ hardState: hardState(2, 'b'), entries: [entry(2, 2)] });
  await wal.append({ hardState: hardState(2, 'b'), entries: [{ ...entry(3, 2), type: 'configuration' }] });
  await wal.close();
  const { recovered } = await openWriteAheadLog(optionsOn(disk));
  t.deepEqual(recovered.entries, [entry(1), entry(2, 2), { ...entry(3, 2), type: 'configuration' }]);
  t.deepEqual(recovered.hardState, hardState(2, 'b'));
  t.is(recovered.cutBytes, 0);
});

test('a new base empties the log before it', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk));
  await wal.append({ hardState: hardState(1), entries: [entry(1), entry(2)] });
  await wal.append({
    base: { index: 50 as LogIndex, term: 3 as Term },
    hardState: hardState(3),
    entries: [entry(51, 3)],
  });
  const { recovered } = await openWriteAheadLog(optionsOn(disk));
  t.deepEqual([recovered.base, recovered.entries], [{ index: 50 as LogIndex, term: 3 as Term }, [entry(51, 3)]]);
});

test('what a killed process left unsynced is made durable before it is believed', async (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const disk = new SimulatedDisk({ random: seededRandom(seed) });
    const options = optionsOn(disk);
    let killed = false;
    const open: Disk['open'] = async (path, mode) => {
      const file = await options.disk.open(path, mode);
      return { ...file, dataSync: () => (killed ? new Promise(() => undefined) : file.dataSync()) };
    };
    const { wal } = await openWriteAheadLog({ ...options, disk: { ...options.disk, open } });
    killed = true;
    void wal.append({ hardState: hardState(1), entries: [entry(1)] });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    // The operating system still has the bytes, and the next process reads them.
    const { recovered } = await openWriteAheadLog(optionsOn(disk));
    t.is(recovered.entries.length, 1);
    disk.crash();
    t.is((await openWriteAheadLog(optionsOn(disk))).recovered.entries.length, 1, `seed ${seed}`);
  }
});

test('an acknowledged batch survives every crash, whatever is torn, over many lives and segments', async (t) => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = seededRandom(seed);
    const disk = new SimulatedDisk({ random });
    let acknowledged = 0;
    for (let life = 0; life < 6; life++) {
      const { wal, recovered } = await openWriteAheadLog(optionsOn(disk));
      t.true(recovered.entries.length >= acknowledged, `seed ${seed}: ${recovered.entries.length} of ${acknowledged}`);
      for (const [position, found] of recovered.entries.entries())
        t.deepEqual(found, entry(position + 1, 1, found.data.length));
      let last = recovered.entries.length;
      acknowledged = last;
      for (let batch = random.below(20); batch > 0; batch--) {
        const entries = Array.from({ length: 1 + random.below(4) }, (_, i) =>
          entry(last + 1 + i, 1, random.below(2000)),
        );
        last += entries.length;
        const written = wal.append({ hardState: hardState(life + 1), entries });
        if (batch === 1) break;
        await written;
        acknowledged = last;
      }
      for (let turns = random.below(8); turns > 0; turns--) await Promise.resolve();
      disk.crash();
    }
  }
});

test('damage in the middle is refused with the place and the way out', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk));
  for (let index = 1; index <= 10; index++) await wal.append({ hardState: hardState(1), entries: [entry(index)] });
  disk.corrupt(`${folder}/00000001.log`, 1_600);
  const error = await t.throwsAsync(openWriteAheadLog(optionsOn(disk)), { instanceOf: CorruptError });
  t.regex(error.message, /00000001\.log is damaged at byte \d+.*copied afresh.*troupe store restore/);
});

test('damage in a segment that is not the last, and a missing segment, are refused', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk, 2048));
  for (let index = 1; index <= 30; index++)
    await wal.append({ hardState: hardState(1), entries: [entry(index, 1, 300)] });
  const names = (await disk.list(folder)).filter((name) => name.endsWith('.log'));
  t.true(names.length > 4);
  const whole = await openWriteAheadLog(optionsOn(disk, 2048));
  t.is(whole.recovered.entries.length, 30);
  const last = whole.recovered.segments[1]?.bytes ?? 0;
  disk.corrupt(`${folder}/00000002.log`, last - 10);
  await t.throwsAsync(openWriteAheadLog(optionsOn(disk, 2048)), { instanceOf: CorruptError });
  disk.corrupt(`${folder}/00000002.log`, last - 10);
  await disk.remove(`${folder}/00000003.log`);
  await t.throwsAsync(openWriteAheadLog(optionsOn(disk, 2048)), {
    instanceOf: CorruptError,
    message: /segment 3 is missing/,
  });
});

test('segments that a snapshot covers are deleted; the rest says the hard state and whose it is', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk, 2048));
  const kept = { ...hardState(7, 'c'), identity: { member: 'a', timeline: 't', incarnation: 'i' } };
  for (let index = 1; index <= 30; index++) await wal.append({ hardState: kept, entries: [entry(index, 1, 300)] });
  const before = wal.bytes;
  await wal.deleteThrough(25 as LogIndex);
  t.true(wal.bytes < before / 3);
  const { recovered } = await openWriteAheadLog(optionsOn(disk, 2048));
  t.deepEqual(recovered.hardState, kept);
  t.is(recovered.entries.at(-1)?.index, 30 as LogIndex);
  t.true((recovered.entries[0]?.index ?? 99) <= 26);
});

test('a full disk fails the batch that needs a new segment, and the same log goes on when space is free', async (t) => {
  const disk = new SimulatedDisk({ capacityBytes: 3 * 2048 });
  const { wal } = await openWriteAheadLog(optionsOn(disk, 2048));
  let index = 1;
  const error = await t.throwsAsync(
    async () => {
      for (; index < 100; index++) await wal.append({ hardState: hardState(1), entries: [entry(index, 1, 300)] });
    },
    { instanceOf: DiskError },
  );
  t.is(error.code, 'full');
  t.is(wal.shortage?.code, 'full');
  disk.capacityBytes = 1e6;
  await wal.append({ hardState: hardState(1), entries: [entry(index, 1, 300)] });
  const { recovered } = await openWriteAheadLog(optionsOn(disk, 2048));
  t.is(recovered.entries.length, index);
});

test('a snapshot is written whole or not at all, and replaces the one before', async (t) => {
  const random = seededRandom(11);
  const disk = new SimulatedDisk({ random });
  const configuration = { voters: ['a'], outgoing: [], learners: [] };
  const markOf = (index: number) => ({ index: index as LogIndex, term: 2 as Term, configuration });
  const source = (count: number, value: number) => {
    let left = count;
    return () => (left-- > 0 ? new Uint8Array(1000).fill(value) : undefined);
  };
  await writeSnapshot({ disk, folder: '/data/s', mark: markOf(10), next: source(3, 1) });
  for (let turns = 0; turns < 60; turns++) {
    void writeSnapshot({ disk: disk.mount(), folder: '/data/s', mark: markOf(11 + turns), next: source(5, 2) });
    for (let i = 0; i < turns * 2; i++) await Promise.resolve();
    disk.crash();
    const chunks: Uint8Array[] = [];
    const mark = await readSnapshot(disk, '/data/s', (chunk) => chunks.push(chunk));
    t.is(chunks.length, mark?.index === 10 ? 3 : 5);
    t.deepEqual(mark?.configuration, configuration);
  }
  t.true((await readSnapshot(disk, '/data/s', () => undefined))?.index !== 10);
});

test('a damaged snapshot is refused, and an empty folder has none', async (t) => {
  const disk = new SimulatedDisk();
  t.is(await readSnapshot(disk, '/data/s', () => undefined), undefined);
  let left = 1;
  const mark = { index: 5 as LogIndex, term: 1 as Term, configuration: { voters: ['a'], outgoing: [], learners: [] } };
  await writeSnapshot({ disk, folder: '/data/s', mark, next: () => (left-- > 0 ? new Uint8Array(100) : undefined) });
  disk.corrupt('/data/s/0000000000000005.snapshot', 150);
  await t.throwsAsync(
    readSnapshot(disk, '/data/s', () => undefined),
    { instanceOf: CorruptError },
  );
});

/** Adds what a key and the place make of each byte, and refuses what does not begin with the place's own mark. */
const cipher: Cipher = {
  seal: (plain, place, room = 0) =>
    Uint8Array.from([...new Uint8Array(room), place.at(-1) ?? 0, ...plain.map((byte) => byte ^ 0x5a)]),
  open: (sealed, place) => {
    if (sealed[0] !== place.at(-1)) throw new CipherError('forged', 'these bytes belong elsewhere');
    return sealed.subarray(1).map((byte) => byte ^ 0x5a);
  },
};

test('a snapshot that could not be deleted is opened, too: it may be the newest again', async (t) => {
  const plain = new SimulatedDisk();
  const refusesRemoval = { remove: () => Promise.reject(new DiskError('input-output', 'stuck')) };
  const configuration = { voters: ['a'], outgoing: [], learners: [] };
  const write = (disk: Disk, index: number): Promise<number> => {
    const chunks = [new Uint8Array([index])];
    const mark = { index: index as LogIndex, term: 1 as Term, configuration };
    return writeSnapshot({ disk, folder: '/data/s', mark, next: () => chunks.pop() });
  };
  const sealed: Disk = Object.assign(plain, { cipher });
  await write(sealed, 5);
  await t.throwsAsync(write(Object.assign(plain.mount(), { cipher }, refusesRemoval), 6), { instanceOf: DiskError });
  const opened: number[] = [];
  const reader: Cipher = {
    ...cipher,
    open: (bytes, place) => {
      const chunk = cipher.open(bytes, place);
      opened.push(...chunk);
      return chunk;
    },
  };
  const taken: number[] = [];
  const mark = await readSnapshot(Object.assign(plain.mount(), { cipher: reader }), '/data/s', (chunk) =>
    taken.push(...chunk),
  );
  t.is(mark?.index, 6 as LogIndex);
  t.deepEqual(taken, [6]);
  t.deepEqual(opened, [6, 5]);
});

for (const [kind, sealing] of [
  ['a snapshot', {}],
  ['a sealed snapshot', { cipher }],
] as const) {
  const path = '/data/s/0000000000000005.snapshot';
  const diskOf = (): SimulatedDisk & Disk => Object.assign(new SimulatedDisk(), sealing);
  const written = async (): Promise<Uint8Array> => {
    const disk = diskOf();
    let left = 3;
    const mark = {
      index: 5 as LogIndex,
      term: 1 as Term,
      configuration: { voters: ['a'], outgoing: [], learners: [] },
    };
    await writeSnapshot({
      disk,
      folder: '/data/s',
      mark,
      next: () => (left-- > 0 ? new Uint8Array(32).fill(left) : undefined),
    });
    const file = await disk.open(path, 'read');
    return file.read(0, await file.size());
  };
  const reads = async (changed: Uint8Array): Promise<readonly Uint8Array[]> => {
    const disk = diskOf();
    const made = await disk.open(path, 'create');
    await made.write([changed], 0);
    const chunks: Uint8Array[] = [];
    await readSnapshot(disk, '/data/s', (chunk) => chunks.push(chunk));
    return chunks;
  };

  test(`every flipped bit and missing end of ${kind} is noticed, even a length that becomes zero`, async (t) => {
    const bytes = await written();
    t.deepEqual(
      await reads(bytes),
      [2, 1, 0].map((value) => new Uint8Array(32).fill(value)),
    );
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >>> 3] = (changed[bit >>> 3] as number) ^ (1 << (bit & 7));
      await t.throwsAsync(reads(changed), { instanceOf: CorruptError }, `bit ${bit}`);
    }
    for (let length = 0; length < bytes.length; length++)
      await t.throwsAsync(reads(bytes.subarray(0, length)), { instanceOf: CorruptError }, `cut at ${length}`);
    await t.throwsAsync(reads(Buffer.concat([bytes, new Uint8Array(8)])), { instanceOf: CorruptError });
  });

  test(`a chunk that is missing or misplaced in ${kind} is noticed although each chunk's checksum holds`, async (t) => {
    const bytes = await written();
    const chunkBytes = 8 + 32 + (kind === 'a snapshot' ? 0 : 1);
    const end = bytes.length - 8;
    const [first, second, third] = [3, 2, 1].map((back) =>
      bytes.subarray(end - back * chunkBytes, end - (back - 1) * chunkBytes),
    ) as [Uint8Array, Uint8Array, Uint8Array];
    const head = bytes.subarray(0, end - 3 * chunkBytes);
    const trailer = bytes.subarray(end);
    t.is((await reads(Buffer.concat([head, first, second, third, trailer]))).length, 3);
    const noticed = { instanceOf: kind === 'a snapshot' ? CorruptError : Error };
    for (const others of [
      [first, third],
      [first, second],
      [first, third, second],
      [first, second, second, third],
    ]) {
      await t.throwsAsync(reads(Buffer.concat([head, ...others, trailer])), noticed);
    }
    // With the trailer alone, whose place no cipher knows.
    await t.throwsAsync(reads(Buffer.concat([head, first, second, trailer])), {
      instanceOf: CorruptError,
      message: /ends in the middle/,
    });
  });
}

test('a snapshot whose beginning reads as zeros is damage', async (t) => {
  const disk = new SimulatedDisk();
  const mark = { index: 5 as LogIndex, term: 1 as Term, configuration: { voters: ['a'], outgoing: [], learners: [] } };
  await writeSnapshot({ disk, folder: '/data/s', mark, next: () => undefined });
  const file = await disk.open('/data/s/0000000000000005.snapshot', 'read');
  disk.forget('/data/s/0000000000000005.snapshot', 8, (await file.size()) - 8);
  await t.throwsAsync(
    readSnapshot(disk, '/data/s', () => undefined),
    { instanceOf: CorruptError },
  );
});

test('a snapshot that an earlier version wrote, without a trailer, is read', async (t) => {
  const words = (...values: number[]): Uint8Array =>
    new Uint8Array(
      Buffer.concat(
        values.map((value) => {
          const part = Buffer.alloc(4);
          part.writeUInt32BE(value);
          return part;
        }),
      ),
    );
  const mark = new TextEncoder().encode(
    JSON.stringify({ index: 5, term: 1, configuration: { voters: ['a'], outgoing: [], learners: [] } }),
  );
  const chunk = new Uint8Array(10).fill(7);
  const disk = new SimulatedDisk();
  const file = await disk.open('/data/s/0000000000000005.snapshot', 'create');
  await file.write(
    [
      words(0x54525053, 1),
      words(mark.length, crc32c(mark)),
      mark,
      words(chunk.length, crc32c(chunk)),
      chunk,
      words(0, 0),
    ],
    0,
  );
  const chunks: Uint8Array[] = [];
  t.is((await readSnapshot(disk, '/data/s', (found) => chunks.push(found)))?.index, 5 as LogIndex);
  t.deepEqual(chunks, [chunk]);
});

test('half of a batch that met a full disk does not stand in front of a later segment', async (t) => {
  const disk = new SimulatedDisk();
  const options = optionsOn(disk, 4096);
  const { wal } = await openWriteAheadLog(options);
  await wal.append({ hardState: hardState(1), entries: [entry(1)] });
  await wal.prepare();
  disk.capacityBytes = disk.usedBytes + 1_000;
  const large = { hardState: hardState(1), entries: [entry(2, 1, 12_000)] };
  await t.throwsAsync(wal.append(large), { instanceOf: DiskError, code: 'full' });
  wal.turnOver();
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  await wal.append(large);
  await wal.append({ hardState: hardState(1), entries: [entry(3)] });
  disk.crash();
  t.is((await openWriteAheadLog(optionsOn(disk, 4096))).recovered.entries.length, 3);
});

test('a segment that cannot be deleted leaves no gap: those behind it wait for the next snapshot', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk, 2048));
  for (let index = 1; index <= 20; index++)
    await wal.append({ hardState: hardState(1), entries: [entry(index, 1, 400)] });
  disk.failNames('remove', 1);
  await t.throwsAsync(wal.deleteThrough(4 as LogIndex), { instanceOf: DiskError });
  const before = wal.bytes;
  await wal.deleteThrough(12 as LogIndex);
  t.true(wal.bytes < before);
  t.is((await openWriteAheadLog(optionsOn(disk, 2048))).recovered.entries.at(-1)?.index, 20 as LogIndex);
});

for (const restarted of [false, true]) {
  test(`a long end that was replaced holds up no segment${restarted ? ', also after a restart' : ''}`, async (t) => {
    const disk = new SimulatedDisk();
    const options = optionsOn(disk, 2048);
    let { wal } = await openWriteAheadLog(options);
    for (let index = 1; index <= 30; index++)
      await wal.append({ hardState: hardState(1), entries: [entry(index, 1, 300)] });
    const long = wal.bytes;
    for (let index = 4; index <= 12; index++)
      await wal.append({ hardState: hardState(2), entries: [entry(index, 2, 300)] });
    if (restarted) {
      await wal.close();
      ({ wal } = await openWriteAheadLog(options));
    }
    await wal.deleteThrough(12 as LogIndex);
    t.true(wal.bytes < long / 4, `${wal.bytes} of ${long} bytes are left`);
    await wal.append({ hardState: hardState(2), entries: [entry(13, 2)] });
    await wal.close();
    const { recovered } = await openWriteAheadLog(options);
    t.deepEqual(recovered.entries.at(-1), entry(13, 2));
    t.true(recovered.entries.every(({ term, index }) => term === 2 && index >= 4));
  });
}

test('a segment that a full disk left empty holds up none before it', async (t) => {
  const disk = new SimulatedDisk();
  const options = optionsOn(disk, 2048);
  const { wal } = await openWriteAheadLog(options);
  await wal.append({ hardState: hardState(1), entries: [entry(1)] });
  await wal.prepare();
  disk.capacityBytes = disk.usedBytes;
  wal.turnOver();
  // The next segment is there, and the batch does not fit into it.
  await t.throwsAsync(wal.append({ hardState: hardState(1), entries: [entry(2, 1, 4096)] }), { instanceOf: DiskError });
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  await wal.prepare();
  wal.turnOver();
  await wal.append({ hardState: hardState(1), entries: [entry(2)] });
  t.is((await options.disk.list(folder)).filter((name) => name.endsWith('.log')).length, 3);
  await wal.deleteThrough(1 as LogIndex);
  t.deepEqual(
    (await options.disk.list(folder)).filter((name) => name.endsWith('.log')),
    ['00000003.log'],
  );
  await wal.close();
  t.deepEqual((await openWriteAheadLog(options)).recovered.entries, [entry(2)]);
});

test('a sector of a log or a snapshot that cannot be read is damage, with its file', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openWriteAheadLog(optionsOn(disk));
  await wal.append({ hardState: hardState(1), entries: [entry(1)] });
  disk.spoil(`${folder}/00000001.log`, 1_600);
  await t.throwsAsync(openWriteAheadLog(optionsOn(disk)), {
    instanceOf: CorruptError,
    message: /00000001\.log is damaged at byte 0: it cannot be read/,
  });
});

test('the segment that holds the hard state stays until the next one holds it durably', async (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const disk = new SimulatedDisk({ random: seededRandom(seed) });
    const options = optionsOn(disk);
    let [opened, hung] = [0, 0];
    const open: Disk['open'] = async (path, mode) => {
      const file = await options.disk.open(path, mode);
      const number = ++opened;
      return { ...file, dataSync: () => (number === hung ? new Promise(() => undefined) : file.dataSync()) };
    };
    const { wal } = await openWriteAheadLog({ ...options, disk: { ...options.disk, open } });
    await wal.append({ hardState: hardState(7, 'b'), entries: [entry(1, 1, 9_000)] });
    await wal.prepare();
    // The next segment is there, and its first batch is never synced.
    hung = opened;
    void wal.append({ hardState: hardState(7, 'b'), entries: [entry(2, 1, 9_000)] });
    for (let turn = 0; turn < 200; turn++) await Promise.resolve();
    // A snapshot covers all of the first segment.
    await wal.deleteThrough(1 as LogIndex);
    disk.crash();
    const { recovered } = await openWriteAheadLog(optionsOn(disk));
    t.like(recovered.hardState, { term: 7, vote: 'b' }, `seed ${seed}`);
  }
});

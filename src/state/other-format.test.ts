import test from 'ava';
import { type Disk, silentLogger } from '../base/index.ts';
import type { SimulatedDisk } from '../platform/index.ts';
import { crc32c } from '../raft/wal/index.ts';
import { AdministrationError, restoreBackup, StoreError, verifyBackup, verifyFolder } from './index.ts';
import { Members, put, write } from './membership/members.suite.ts';

/*
 * A home that a newer program has written to is started with an older one. The files are not damaged: they are refused
 * by name, nothing of them changes, and no copy of the others takes their place.
 */
const folder = '/store';

async function bytesOf(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  const bytes = await file.read(0, await file.size());
  await file.close();
  return Uint8Array.from(bytes);
}

/** Every file of the store with its content, as one text. */
async function contentOf(disk: SimulatedDisk): Promise<string> {
  const files: string[] = [];
  for (const part of ['log', 'snapshots', 'damaged/log', 'damaged/snapshots']) {
    for (const name of await disk.list(`${folder}/${part}`))
      if (name !== 'next.tmp')
        files.push(`${part}/${name} ${crc32c(await bytesOf(disk, `${folder}/${part}/${name}`))}`);
  }
  return files.sort().join('\n');
}

/** Writes a format into the head of a file; that of a log segment has a checksum. */
async function setFormat(disk: SimulatedDisk, path: string, format: number): Promise<void> {
  const bytes = await bytesOf(disk, path);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, format);
  if (path.endsWith('.log')) view.setUint32(12, crc32c(bytes.subarray(0, 12)));
  const file = await disk.open(path, 'write');
  await file.write([bytes.subarray(0, 16)], 0);
  await file.dataSync();
  await file.close();
}

async function stopped(): Promise<{ readonly members: Members; readonly name: string; readonly disk: SimulatedDisk }> {
  const members = new Members(['a', 'b', 'c'], { overrides: { snapshotEntries: 20 } });
  await members.startAll();
  const { store, name: leader } = members.leader();
  for (let i = 0; i < 50; i++) await members.during(store.transact(write(put(`/k/${i}`))));
  await members.time.run(500);
  const name = members.names.find((other) => other !== leader) as string;
  await members.crash(name);
  return { members, name, disk: members.disk(name) };
}

const parts = [
  ['log', '.log', 5],
  ['snapshots', '.snapshot', 8],
  ['snapshots', '.snapshot', 11],
] as const;
for (const [part, ending, format] of parts) {
  test(`a member whose ${part} have format ${format} refuses to start and changes nothing`, async (t) => {
    const { members, name, disk } = await stopped();
    const file = (await disk.list(`${folder}/${part}`)).filter((found) => found.endsWith(ending)).at(-1) as string;
    await setFormat(disk, `${folder}/${part}/${file}`, format);
    const before = await contentOf(disk);
    const says = new RegExp(
      `${file} has format ${format}, this program reads .*start the version that wrote it, nothing was changed`,
    );
    await t.throwsAsync(members.during(members.start(name)), {
      instanceOf: StoreError,
      code: 'newer-format',
      message: says,
    });
    await members.time.run(5_000);
    await t.throwsAsync(
      verifyFolder({ disk, clock: members.time, log: silentLogger, folder, segmentBytes: 64 * 1024 }),
      { instanceOf: StoreError, code: 'newer-format' },
    );
    t.is(await contentOf(disk), before);
    t.false((await disk.list(folder)).includes('rejoin'));
  });
}

test('a newer log is told from damage although the snapshot beside it is damaged', async (t) => {
  const { members, name, disk } = await stopped();
  const [snapshot] = await disk.list(`${folder}/snapshots`);
  const [segment] = await disk.list(`${folder}/log`);
  disk.corrupt(`${folder}/snapshots/${snapshot}`, 200);
  await setFormat(disk, `${folder}/log/${segment}`, 9);
  const before = await contentOf(disk);
  await t.throwsAsync(members.during(members.start(name)), { instanceOf: StoreError, code: 'newer-format' });
  t.is(await contentOf(disk), before);
});

test('a backup of a newer format is refused by its version, and nothing is written', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  await members.during(store.transact(write(put('/k/1'))));
  const pieces: Uint8Array[] = [];
  await members.during(
    (async () => {
      for await (const piece of store.backup()) pieces.push(piece);
    })(),
  );
  const [head, ...rest] = pieces as [Uint8Array, ...Uint8Array[]];
  const changed = Uint8Array.from(head);
  // The head names its format as a small number behind the field's name.
  changed[Buffer.from(head).indexOf('format') + 'format'.length] = 7;
  new DataView(changed.buffer).setUint32(4, crc32c(changed.subarray(8)));
  const refused = {
    instanceOf: AdministrationError,
    code: 'newer-format',
    message: /the backup has format 7, this program reads 1/,
  };
  await t.throwsAsync(verifyBackup([changed, ...rest]), refused);
  const disk = members.disk('a');
  await t.throwsAsync(
    restoreBackup({
      disk,
      clock: members.time,
      random: members.random,
      member: 'a',
      log: silentLogger,
      folder: '/restored',
      voters: ['a'],
      source: [changed, ...rest],
    }),
    refused,
  );
  t.deepEqual([...(await disk.list('/restored/log')), ...(await disk.list('/restored/snapshots'))], []);
});

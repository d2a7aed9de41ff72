import test from 'ava';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../base/index.ts';
import type { SimulatedDisk } from '../platform/index.ts';
import { restoreBackup, type StoreMember, verifyBackup, verifyFolder } from './index.ts';
import { Members, put, valueOf, write } from './membership/members.suite.ts';

/*
 * Files of a program from before identities: three members with 25 keys and one that expires, snapshots and logs, and
 * a backup; all in base64.
 */
interface OlderStores {
  readonly revision: number;
  readonly backup: string;
  readonly files: Readonly<Record<string, string>>;
}

const older = JSON.parse(
  readFileSync(fileURLToPath(new URL('testdata/format-2-stores.json', import.meta.url)), 'utf8'),
) as OlderStores;

async function lay(disk: SimulatedDisk, name: string): Promise<void> {
  await disk.makeFolder();
  for (const [path, content] of Object.entries(older.files)) {
    if (!path.startsWith(`${name}/`)) continue;
    const file = await disk.open(`/store/${path.slice(2)}`, 'create');
    await file.write([Buffer.from(content, 'base64')], 0);
    await file.dataSync();
    await file.close();
  }
  for (const part of ['log', 'snapshots']) await disk.syncFolder(`/store/${part}`);
}

async function olderMembers(): Promise<Members> {
  const members = new Members(['a', 'b', 'c'], { seed: 4, overrides: { segmentBytes: 4096, snapshotEntries: 10 } });
  for (const name of members.names) await lay(members.disk(name), name);
  return members;
}

const ports = (members: Members, name: string) => ({
  disk: members.disk(name),
  clock: members.time,
  random: members.random,
  log: silentLogger,
  folder: '/store',
  member: name,
});

test("an older program's folders open, go on, and say from then on whose they are", async (t) => {
  const members = await olderMembers();
  t.like(await verifyFolder(ports(members, 'a')), { keys: 25, revision: older.revision - 1 });
  await members.startAll();
  const { store } = members.leader();
  t.is(Number(store.revision), older.revision);
  t.is(valueOf(store.get('/k/7')), 'v32');
  for (let i = 0; i < 30; i++) await members.during(store.transact(write(put(`/new/${i}`))));
  await members.time.run(1_000);
  t.true((await members.during(store.members.compareHashes(), 130_000)).equal);
  t.is(store.status().timeline, 'first');
  for (const name of members.names) await members.crash(name);
  await members.startAll();
  t.is(members.leader().store.count('/new/'), 30);
  t.like(await members.during(members.leader().store.transact(write(put('/again')))), { committed: true });
  t.deepEqual(members.failures, []);
});

test("an older program's segment is left as it is: what follows goes into a new one", async (t) => {
  const members = await olderMembers();
  const content = async (): Promise<string> => {
    const file = await members.disk('a').open('/store/log/00000003.log', 'read');
    return Buffer.from(await file.read(0, await file.size())).toString('base64');
  };
  const before = await content();
  const store = await members.start('a');
  await members.time.run(50);
  t.true(Number(store.revision) >= 1);
  t.is(await content(), before);
  t.true((await members.disk('a').list('/store/log')).includes('00000004.log'));
});

test("an older program's member and a restored one never take part in each other's cluster", async (t) => {
  const members = await olderMembers();
  members.disks.delete('a');
  const fresh = new Members(['a'], { seed: 5 });
  const source = [Buffer.from(older.backup, 'base64')];
  await restoreBackup({ ...ports(fresh, 'a'), source, voters: members.names, timeline: 'restored1' });
  members.disks.set('a', fresh.disk('a'));
  for (const name of members.names) await members.start(name);
  await members.time.run(3_000);
  t.is((members.stores.get('a') as StoreMember).status().role, 'candidate');
  t.true(['b', 'c'].includes(members.leader().name));
  t.is(members.leader().store.status().progress?.['a'], 0);
});

test("an older program's backup is read, and restored", async (t) => {
  const backup = Buffer.from(older.backup, 'base64');
  t.like(await verifyBackup([backup]), { keys: 26, revision: older.revision, cluster: 'one' });
  const fresh = new Members(['r'], { seed: 2 });
  await restoreBackup({ ...ports(fresh, 'r'), source: [backup], voters: ['r'], cluster: 'one' });
  const store = await fresh.start('r');
  t.is(store.count('/k/'), 25);
  t.true(store.revision >= older.revision + 2 ** 30);
});

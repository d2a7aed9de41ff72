import test from 'ava';
import { silentLogger } from '../base/index.ts';
import { crc32c } from '../raft/wal/index.ts';
import { recoverLostMajority, StoreError, verifyFolder } from './index.ts';
import { Members, put, write } from './membership/members.suite.ts';

/*
 * Folders that are another member's, or made of several: each is named, none starts, nothing of it changes.
 */
const parts = ['log', 'snapshots'] as const;

async function filesOf(members: Members, name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const part of parts)
    for (const found of await members.disk(name).list(`/store/${part}`)) {
      if (found === 'next.tmp') continue;
      const file = await members.disk(name).open(`/store/${part}/${found}`, 'read');
      files.set(`${part}/${found}`, Uint8Array.from(await file.read(0, await file.size())));
      await file.close();
    }
  return files;
}

async function lay(members: Members, name: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const part of parts)
    for (const old of await members.disk(name).list(`/store/${part}`))
      await members.disk(name).remove(`/store/${part}/${old}`);
  for (const [path, bytes] of files) {
    const file = await members.disk(name).open(`/store/${path}`, 'create');
    await file.write([bytes], 0);
    await file.dataSync();
    await file.close();
  }
  for (const part of parts) await members.disk(name).syncFolder(`/store/${part}`);
}

const contentOf = (files: ReadonlyMap<string, Uint8Array>): string =>
  [...files].map(([path, bytes]) => `${path} ${crc32c(bytes)}`).join('\n');

/** Three stopped members with snapshots and logs. */
async function stoppedMembers(seed: number): Promise<Members> {
  const members = new Members(['a', 'b', 'c'], { seed, overrides: { snapshotEntries: 20 } });
  await members.startAll();
  const { store } = members.leader();
  for (let i = 0; i < 60; i++) await members.during(store.transact(write(put(`/k/${i % 10}`))));
  await members.time.run(500);
  for (const name of members.names) await members.crash(name);
  return members;
}

const only = (files: ReadonlyMap<string, Uint8Array>, part: string): (readonly [string, Uint8Array])[] =>
  [...files].filter(([path]) => path.startsWith(part));

const foreign = (message: RegExp) => ({ instanceOf: StoreError, code: 'foreign', message });

const mixes = [
  ["another member's folder", ['b/log', 'b/snapshots'], /holds the store of member b, and this member is a; nothing/],
  [
    "its own log beside another member's snapshot",
    ['a/log', 'b/snapshots'],
    /does not belong here.*member a.*member b/,
  ],
  [
    "another member's log beside its own snapshot",
    ['b/log', 'a/snapshots'],
    /does not belong here.*member b.*member a/,
  ],
] as const;
for (const [what, from, says] of mixes)
  test(`a member refuses to start on ${what}, and changes nothing`, async (t) => {
    const members = await stoppedMembers(3);
    const files = new Map<string, Uint8Array>();
    for (const source of from) {
      const [name, part] = source.split('/') as [string, string];
      for (const [path, bytes] of only(await filesOf(members, name), part)) files.set(path, bytes);
    }
    await lay(members, 'a', files);
    await t.throwsAsync(members.during(members.start('a')), foreign(says));
    t.is(contentOf(await filesOf(members, 'a')), contentOf(files));
    t.false((await members.disk('a').list('/store')).includes('rejoin'));
    const ports = { disk: members.disk('a'), clock: members.time, random: members.random, log: silentLogger };
    await t.throwsAsync(recoverLostMajority({ ...ports, folder: '/store', member: 'a' }), foreign(says));
    t.is(contentOf(await filesOf(members, 'a')), contentOf(files));
  });

test('verification names the members of a mixed folder', async (t) => {
  const members = await stoppedMembers(3);
  const files = new Map([
    ...only(await filesOf(members, 'a'), 'log'),
    ...only(await filesOf(members, 'c'), 'snapshots'),
  ]);
  await lay(members, 'a', files);
  const ports = { disk: members.disk('a'), clock: members.time, log: silentLogger, folder: '/store' };
  await t.throwsAsync(verifyFolder(ports), foreign(/member a.*member c/));
});

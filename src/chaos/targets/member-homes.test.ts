import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { homeAt } from '../../main/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import { faultContext } from '../faults/fault.fixture.ts';
import { NothingToStrike } from '../faults/fault.ts';
import { replaceMember } from '../faults/operator-faults.ts';
import { fakeTroupe } from './fake-troupe.fixture.ts';
import { MemberHomes } from './member-homes.ts';
import { Impossible } from './target.ts';
import { TroupeHome } from './troupe-home.ts';

async function threeMembers() {
  const fake = fakeTroupe();
  const home = new TroupeHome(homeAt(join(fake.folder, 'member-1')), fake.command);
  const config = { node: { runtime: 'simulated' } };
  const founding = { members: 3, nodes: 2, cluster: 'c', config, env: undefined };
  return { ...fake, home, homes: await MemberHomes.found(home, founding) };
}

const settingsOf = (folder: string): Record<string, unknown> =>
  parse(readFileSync(join(folder, 'config.yaml'), 'utf8')) as Record<string, unknown>;

test('the first member begins the cluster with its nodes, the others join it from homes of their own', async (t) => {
  const { asked, folder, home } = await threeMembers();
  const shape = asked().map((line) => line.replace(/--address \S*/, '--address A'));
  t.deepEqual(shape, [
    'member-1: init --address A --cluster c --nodes 2',
    'member-1: token create --role member',
    'member-2: join 192.0.2.1:6443 --role member --token t --ca-hash h --name member-2 --nodes 0',
    'member-1: token create --role member',
    'member-3: join 192.0.2.1:6443 --role member --token t --ca-hash h --name member-3 --nodes 0',
  ]);
  t.deepEqual(home.members(), ['member-1', 'member-2', 'member-3']);
  const ports = ['member-1', 'member-2', 'member-3'].flatMap((name) => {
    const { apiPort, linkPort, nats } = settingsOf(join(folder, name));
    return [apiPort, linkPort, ...Object.values(nats as object)];
  });
  t.is(new Set(ports).size, 12, 'no two listen at the same port');
});

test('a member is replaced by one with another name and an empty home at the same ports', async (t) => {
  const { asked, folder, home, homes } = await threeMembers();
  const before = settingsOf(join(folder, 'member-2'));
  const { victim, proof } = await replaceMember({
    ...faultContext({ fault: 'member-replacement', victim: 'member-2' }, new ApiClient({ urls: [] })),
    target: { ...faultContext({}, new ApiClient({ urls: [] })).target, home, homes },
  });
  t.is(victim, 'member-2');
  t.regex(proof, /^member-2 was removed with its home; member-4 joined .*: member-1, member-3, member-4 vote$/);
  t.deepEqual(asked().slice(5), [
    'member-1: member remove member-2',
    'member-2: down --purge',
    'member-1: token create --role member',
    'member-4: join 192.0.2.1:6443 --role member --token t --ca-hash h --name member-4 --nodes 0',
    'member-1: member list -o json',
  ]);
  t.false(existsSync(join(folder, 'member-2')));
  t.deepEqual(settingsOf(join(folder, 'member-4')), before);
  t.deepEqual(home.members(), ['member-1', 'member-3', 'member-4']);
});

test('the first member, whose home has the nodes, is not replaced; nor is one that shares its home', async (t) => {
  const { home, homes } = await threeMembers();
  const api = new ApiClient({ urls: [] });
  const context = faultContext({ fault: 'member-replacement', victim: 'member-1' }, api);
  const target = { ...context.target, home };
  await t.throwsAsync(replaceMember({ ...context, target: { ...target, homes } }), { instanceOf: NothingToStrike });
  await t.throwsAsync(replaceMember({ ...context, target }), { instanceOf: Impossible });
});

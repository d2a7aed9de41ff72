import test from 'ava';
import { seededRandom, silentLogger, silentMetrics } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import { memberRecords, putMemberRecord } from '../../shards/index.ts';
import { openStore, type StoreMember } from '../../state/index.ts';
import { type Admission, admitMember, type MemberSecrets } from './admit-member.ts';

const secrets: MemberSecrets = { files: { 'ca.crt': 'ca' }, acceptedKeys: {}, adminToken: 'token' };
const asked = (name: string, more: object = {}): object => ({
  name,
  host: '192.0.2.2',
  apiPort: 6443,
  natsPort: 4222,
  routePort: 6222,
  version: 'from-source',
  ...more,
});

interface Place {
  readonly store: StoreMember;
  /** What the operator of the only member, `one`, answers. */
  readonly admit: (
    request: object,
    more?: {
      readonly alive?: readonly string[];
      readonly secrets?: MemberSecrets | undefined;
      readonly rotating?: boolean;
      readonly token?: string;
    },
  ) => Promise<Admission>;
}

async function place(): Promise<Place> {
  const time = new SimulatedTime();
  const random = seededRandom(1);
  const opening = openStore({
    member: 'one',
    voters: ['one'],
    folder: '/store',
    disk: new SimulatedDisk({ random, timers: time, syncMs: 0 }).mount(),
    clock: time,
    timers: time,
    random,
    log: silentLogger,
    metrics: silentMetrics,
    transport: { send: () => undefined, onMessage: () => undefined },
  });
  await time.run(2_000);
  const store = await opening;
  const put = putMemberRecord(store, {
    name: 'one',
    host: '192.0.2.1',
    apiPort: 6443,
    natsPort: 4222,
    routePort: 6222,
    version: 'from-source',
  });
  await time.run(1_000);
  await put;
  return {
    store,
    admit: async (request, { alive = [], token, ...more } = {}) => {
      const answer = admitMember(
        {
          store,
          alive: () => alive,
          secrets: 'secrets' in more ? more.secrets : secrets,
          rotating: () => more.rotating === true,
        },
        { token, body: request },
      );
      await time.run(3_000);
      return answer;
    },
  };
}

const messageOf = ({ body }: Admission): string => (body as { readonly message?: string }).message ?? '';

test('a machine is taken in as a learner, is told what members share, and may ask again until it runs', async (t) => {
  const { store, admit } = await place();
  const first = await admit(asked('two'));
  t.like(first, { status: 200, body: { adminToken: 'token', files: { 'ca.crt': 'ca' } } });
  t.deepEqual(
    memberRecords(store).map(({ name, host }) => `${name} ${host}`),
    ['one 192.0.2.1', 'two 192.0.2.2'],
  );
  t.deepEqual(
    store.members.list().map(({ name, role }) => `${name} ${role}`),
    ['one voter', 'two learner'],
  );
  t.is((await admit(asked('two'))).status, 200);
  t.regex(messageOf(await admit(asked('two'), { alive: ['two'] })), /a member named two is already in the cluster/);
  t.regex(messageOf(await admit(asked('two', { host: '192.0.2.3' }))), /a member named two is already in the cluster/);
});

test('names, addresses, versions and requests that do not fit are refused, and nobody is told a secret', async (t) => {
  const { store, admit } = await place();
  for (const [request, status, said] of [
    [asked('one'), 409, /a member named one is already in the cluster; choose another name with --name/],
    [
      asked('two', { host: '192.0.2.1' }),
      409,
      /member one has the address 192\.0\.2\.1:6443; give this machine's own with --address/,
    ],
    [asked('Two'), 400, /the body must have name/],
    [asked('two', { host: 'example.org' }), 400, /the body must have name/],
    [asked('two', { apiPort: 0 }), 400, /the body must have name/],
    [asked('two', { version: 7 }), 400, /the body must have name/],
    [{}, 400, /the body must have name/],
  ] as const) {
    const answer = await admit(request);
    t.is(answer.status, status, JSON.stringify(request));
    t.regex(messageOf(answer), said);
    t.deepEqual(Object.keys(answer.body), ['message']);
  }
  const alone = await admit(asked('two'), { secrets: undefined });
  t.is(alone.status, 409);
  t.regex(messageOf(alone), /all members of this cluster run on one machine/);
  t.deepEqual(
    store.members.list().map(({ name }) => name),
    ['one'],
  );
});

test('replicas are taken in beyond the number of members, and are counted apart', async (t) => {
  const { store, admit } = await place();
  const at = (i: number): object => ({ host: `192.0.2.${i + 10}` });
  for (let i = 2; i <= 5; i++) t.is((await admit(asked(`m${i}`, at(i)))).status, 200);
  t.regex(messageOf(await admit(asked('m6', at(6)))), /has 5 members, .* join with --role replica/);
  t.is((await admit(asked('r1', { ...at(6), role: 'replica' }))).status, 200);
  t.is(memberRecords(store).find(({ name }) => name === 'r1')?.role, 'replica');
  for (let i = 2; i <= 32; i++) t.is((await admit(asked(`r${i}`, { ...at(i + 6), role: 'replica' }))).status, 200);
  t.regex(messageOf(await admit(asked('r33', { ...at(50), role: 'replica' }))), /has 32 replicas, .* remove one first/);
  t.is((await admit(asked('r34', { ...at(51), role: 'king' }))).status, 400);
});

test('nobody is taken in while the secrets are being replaced', async (t) => {
  const { admit, store } = await place();
  const answer = await admit(asked('two'), { rotating: true });
  t.is(answer.status, 503);
  t.regex(messageOf(answer), /the keys of the cluster are being rotated; join when `troupe key status` says/);
  t.deepEqual(
    memberRecords(store).map(({ name }) => name),
    ['one'],
  );
});

test('a token for members admits one machine, which may ask again; a refusal does not use it up', async (t) => {
  const { admit } = await place();
  t.is((await admit(asked('one'), { token: 'abcdef' })).status, 409);
  t.is((await admit(asked('two'), { token: 'abcdef' })).status, 200);
  t.is((await admit(asked('two'), { token: 'abcdef' })).status, 200);
  const third = asked('three', { host: '192.0.2.3' });
  const answer = await admit(third, { token: 'abcdef' });
  t.is(answer.status, 409);
  t.regex(messageOf(answer), /the token abcdef was used by another machine; create one for this machine with `troupe/);
  t.is((await admit(third, { token: 'fedcba' })).status, 200);
});

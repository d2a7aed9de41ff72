import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { connectionSubject, type NatsConnections, SimulatedNetwork } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { ObjectChange, Requester, ResourceView } from '../../resources/index.ts';
import { reviewConnections } from './connection-review.ts';

type Connection = Parameters<Parameters<NatsConnections['end']>[0]>[0];
const rbac = 'rbac.authorization.k8s.io';
const binding = { group: rbac, resource: 'clusterrolebindings' };

interface World {
  readonly time: SimulatedTime;
  readonly ended: string[];
  /** By token. */
  readonly users: Map<string, Requester>;
  /** What each user may hear. */
  readonly feeds: Map<string, readonly string[]>;
  connect(token: string): Promise<void>;
  change(
    change: Pick<ObjectChange, 'type' | 'resource'> & { readonly object?: object; readonly previous?: object },
  ): void;
}

const account: Requester = {
  name: 'system:serviceaccount:apps:web',
  uid: 'account-1',
  groups: [],
  extra: { 'authentication.kubernetes.io/pod-uid': ['pod-1'] },
};

/** A leader, an account's connection, an agent's, and one of somebody who came before the member started. */
function start(leads = true): World {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const listeners = new Set<(change: ObjectChange) => void>();
  const ended: string[] = [];
  const users = new Map<string, Requester>([
    ['web', account],
    ['alice', { name: 'alice', groups: [] }],
    ['agent', { name: 'system:node:n1', groups: ['system:nodes'] }],
  ]);
  const feeds = new Map<string, readonly string[]>([[account.name, ['inbox', 'events.core.configmaps.>']]]);
  let all: readonly Connection[] = [
    { name: 'm1', user: undefined },
    ...[...users.values()].map(({ name }) => ({ name: 'client', user: name })),
  ];
  reviewConnections({
    bus: network.client('member'),
    view: {
      onChange: (listener: (change: ObjectChange) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    } as unknown as ResourceView,
    connections: {
      end: (matches) => {
        const gone = all.filter((connection) => matches(connection));
        all = all.filter((connection) => !gone.includes(connection));
        ended.push(...gone.map(({ name, user = name }) => user));
        return Promise.resolve(gone.length);
      },
    },
    timers: time,
    log: silentLogger,
    leads: () => leads,
    userOf: (token) => Promise.resolve(users.get(token)),
    permissionsOf: ({ name }) => Promise.resolve({ publish: ['api'], subscribe: feeds.get(name) ?? ['inbox'] }),
  });
  const server = network.client('server');
  return {
    time,
    ended,
    users,
    feeds,
    connect: async (token) => {
      const claims = {
        nats: { server_id: { id: 's' }, user_nkey: 'u', connect_opts: { auth_token: token, name: 'client' } },
      };
      const text = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
      server.publish(connectionSubject, new TextEncoder().encode(text));
      await time.run(10);
    },
    change: (change) => {
      const object = { kind: '', apiVersion: '', metadata: { name: 'x' } };
      for (const listener of listeners) listener({ object, ...change } as ObjectChange);
    },
  };
}

async function connected(leads?: boolean): Promise<World> {
  const world = start(leads);
  for (const token of ['web', 'alice', 'agent']) await world.connect(token);
  return world;
}

test('who may hear less after a change of rights is ended within five seconds, and nobody else', async (t) => {
  const world = await connected();
  world.feeds.set(account.name, ['inbox']);
  world.change({ type: 'delete', resource: binding });
  await world.time.run(5_000);
  t.deepEqual(world.ended, [account.name]);
});

test('a change that takes nothing away ends nobody', async (t) => {
  const world = await connected();
  world.feeds.set('alice', ['inbox', 'events.core.pods.>']);
  world.change({ type: 'put', resource: binding, previous: {} });
  await world.time.run(5_000);
  t.deepEqual(world.ended, []);
});

for (const [what, resource, uid] of [
  ['account', 'serviceaccounts', 'account-1'],
  ['pod', 'pods', 'pod-1'],
] as const)
  test(`the connections of a token end with the ${what} that it is bound to`, async (t) => {
    const world = await connected();
    world.users.delete('web');
    world.change({ type: 'delete', resource: { group: '', resource }, object: { metadata: { uid: 'another' } } });
    await world.time.run(5_000);
    t.deepEqual(world.ended, []);
    world.change({ type: 'delete', resource: { group: '', resource }, object: { metadata: { uid } } });
    await world.time.run(5_000);
    t.deepEqual(world.ended, [account.name]);
  });

test('the connections of a token end with its Secret', async (t) => {
  const world = await connected();
  world.users.delete('web');
  const secret = (type: string): void => {
    world.change({ type: 'delete', resource: { group: '', resource: 'secrets' }, object: { type, metadata: {} } });
  };
  secret('Opaque');
  await world.time.run(5_000);
  t.deepEqual(world.ended, []);
  secret('kubernetes.io/service-account-token');
  await world.time.run(5_000);
  t.deepEqual(world.ended, [account.name]);
});

test('who connected before the member knew of it is ended with the first change of rights, once', async (t) => {
  const world = start();
  for (const token of ['web', 'agent']) await world.connect(token);
  world.change({ type: 'delete', resource: binding });
  await world.time.run(1_000);
  t.deepEqual(world.ended, ['alice']);
  await world.connect('alice');
  await world.time.run(5_000);
  t.deepEqual(world.ended, ['alice']);
});

test('a member that does not lead ends nobody', async (t) => {
  const world = await connected(false);
  world.users.clear();
  world.change({ type: 'delete', resource: binding });
  await world.time.run(5_000);
  t.deepEqual(world.ended, []);
});

import test from 'ava';
import type { KubeObject } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import type { NatsConnections } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import { removedNodes } from '../auth/index.ts';
import { evictConnections } from './connection-eviction.ts';

type Connection = Parameters<Parameters<NatsConnections['end']>[0]>[0];

/** Connections of two members and two nodes, and a member that leads or not. */
function world(role: 'leader' | 'follower'): {
  readonly ended: string[];
  readonly time: SimulatedTime;
  gone(member: string): void;
  remove(...nodes: readonly string[]): void;
  close(): void;
} {
  const time = new SimulatedTime();
  const all = [
    { name: 'm1', user: undefined },
    { name: 'm2', user: undefined },
    { name: 'agent', user: 'system:node:n1' },
    { name: 'agent', user: 'system:node:n2' },
  ] as readonly Connection[];
  const ended: string[] = [];
  const goneListeners = new Set<(member: string) => void>();
  const changeListeners = new Set<(change: ObjectChange) => void>();
  let data: Record<string, string> = {};
  const eviction = evictConnections({
    store: { status: () => ({ role }) as never },
    view: {
      get: () => ({ data }),
      onChange: (listener: (change: ObjectChange) => void) => {
        changeListeners.add(listener);
        return () => changeListeners.delete(listener);
      },
    } as unknown as ResourceView,
    onMemberGone: (listener) => {
      goneListeners.add(listener);
      return () => goneListeners.delete(listener);
    },
    connections: {
      end: (matches: (connection: Connection) => boolean) => {
        const found = all.filter(matches);
        ended.push(...found.map(({ name, user }) => user ?? String(name)));
        return Promise.resolve(found.length);
      },
    } as unknown as NatsConnections,
    timers: time,
    log: silentLogger,
  });
  return {
    ended,
    time,
    gone: (member) => {
      for (const listener of goneListeners) listener(member);
    },
    remove: (...nodes) => {
      data = { ...data, ...Object.fromEntries(nodes.map((name) => [name, '2026-01-01T00:00:00Z'])) };
      const object = { metadata: removedNodes } as unknown as KubeObject;
      const change = { resource: { group: '', resource: 'configmaps' }, object } as unknown as ObjectChange;
      for (const listener of changeListeners) listener(change);
    },
    close: () => {
      eviction.close();
    },
  };
}

test('a member that fell silent loses its connections, and nobody of the same name with a user does', (t) => {
  const { ended, gone } = world('follower');
  gone('m2');
  gone('agent');
  t.deepEqual(ended, ['m2']);
});

test('a leader ends the connections of a removed node, and once more a moment later', async (t) => {
  const { ended, remove, time } = world('leader');
  remove('n1');
  t.deepEqual(ended, ['system:node:n1']);
  await time.run(6_000);
  t.deepEqual(ended, ['system:node:n1', 'system:node:n1']);
});

test('a follower leaves removed nodes to the leader', (t) => {
  const { ended, remove } = world('follower');
  remove('n1', 'n2');
  t.deepEqual(ended, []);
});

test('nothing is ended after the close', (t) => {
  const { ended, gone, remove, close } = world('leader');
  close();
  gone('m2');
  remove('n1');
  t.deepEqual(ended, []);
});

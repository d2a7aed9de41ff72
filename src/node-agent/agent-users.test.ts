import test from 'ava';
import { pass, world, type World } from './agent.fixture.ts';
import { type Node, resources } from '../api/index.ts';
import type { ContainerSpec } from './runtime/index.ts';

const handlers = [{ name: '', userNamespaces: true, recursiveReadOnlyMounts: false }];

/** The ids that each start of the engine was given, by what was started. */
function notedUsers(): { readonly users: string[]; readonly program: (spec: ContainerSpec) => undefined } {
  const users: string[] = [];
  return {
    users,
    program: ({ labels, userRange }) => {
      users.push(`${labels['troupe.pod.name']} ${labels['troupe.role']} ${userRange?.firstId}`);
    },
  };
}

const message = (w: World, pod: string): string | undefined =>
  w.status(pod)?.containerStatuses?.[0]?.state?.waiting?.message;

test('pods with their own users have a range each, which a restart of the agent leaves them', async (t) => {
  const { users, program } = notedUsers();
  const w = await world(t, { handlers, program }, { podsMax: 4 });
  await w.pod('one', { hostUsers: false });
  await w.pod('shares');
  await w.pod('two', { hostUsers: false });
  t.deepEqual(users, [
    'one sandbox 65536',
    'one container 65536',
    'shares sandbox undefined',
    'shares container undefined',
    'two sandbox 131072',
    'two container 131072',
  ]);
  await w.restart();
  await w.pod('three', { hostUsers: false });
  t.deepEqual(
    users.slice(6),
    ['three sandbox 196608', 'three container 196608'],
    'what others have is not given again',
  );
  const [second] = await w.runtime.list({ 'troupe.pod.name': 'two', 'troupe.role': 'container' });
  w.runtime.exit(second?.id ?? '', 1);
  await pass(w.time, 20_000);
  t.deepEqual(users.slice(8), ['two container 131072'], 'another container of the pod has the same users');
});

test('a node shows what its handlers can; a pod whose users it cannot map says why', async (t) => {
  const w = await world(t, {
    handlers: [{ ...handlers[0], name: '', userNamespaces: false, recursiveReadOnlyMounts: true }],
  });
  t.deepEqual(w.api.get<Node>(resources.nodes, undefined, 'node-1')?.status?.runtimeHandlers, [
    { name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: false } },
  ]);
  await w.pod('remapped', { hostUsers: false });
  t.regex(message(w, 'remapped') ?? '', /hostUsers: false.*the container runtime of this node has none/);
  t.deepEqual([...w.refused], ['userNamespaces']);
});

import test from 'ava';
import { memberInboxPrefix, subjectsOf } from '../../bus/index.ts';
import { builtInCatalogue } from '../../resources/index.ts';
import { connectionPermissions } from './connection-permissions.ts';

const subjects = subjectsOf('c');
const resources = builtInCatalogue.all();
const nobodyMay = (): { readonly allowed: boolean; readonly reason: string } => ({ allowed: false, reason: '' });

test("an agent reaches the API and its own node's subjects, nothing else", async (t) => {
  t.deepEqual(
    await connectionPermissions(
      { subjects, resources, authorize: () => ({ allowed: true, reason: '' }) },
      { name: 'system:node:n.1', groups: ['system:nodes'] },
    ),
    {
      publish: [
        'troupe.c.api',
        'troupe.c.node.n%2e1.door.>',
        'troupe.c.node.n%2e1.usage',
        'troupe.c.node.n%2e1.renewal',
        'troupe.c.tree.n%2e1',
      ],
      subscribe: [
        '_INBOX.system:node:n%2e1.>',
        'troupe.c.gone.*',
        'troupe.c.node.n%2e1.stream',
        'troupe.c.tree.n%2e1.reset',
        'troupe.c.tree.n%2e1.control',
      ],
    },
  );
});

test('a client hears its own inboxes, and the feeds of kinds that it may watch everywhere', async (t) => {
  const user = { name: 'alice', groups: [] };
  t.deepEqual(await connectionPermissions({ subjects, resources, authorize: nobodyMay }, user), {
    publish: ['troupe.c.api', 'troupe.c.participants'],
    subscribe: ['_INBOX.alice.>', 'troupe.c.gone.*'],
  });
  const pods = await connectionPermissions(
    {
      subjects,
      resources,
      authorize: ({ resource, namespace }) => ({ allowed: resource === 'pods' && namespace === '', reason: '' }),
    },
    user,
  );
  t.deepEqual(pods.subscribe, ['_INBOX.alice.>', 'troupe.c.gone.*', 'troupe.c.events.core.pods.>']);
  const namespaced = await connectionPermissions(
    { subjects, resources, authorize: ({ namespace }) => ({ allowed: namespace === 'default', reason: '' }) },
    user,
  );
  t.deepEqual(
    namespaced.subscribe,
    ['_INBOX.alice.>', 'troupe.c.gone.*'],
    'rights within a namespace do not open the feed',
  );
});

test("who has an agent's name and is none hears no feed, whatever else it may", async (t) => {
  const heard = async (groups: readonly string[]): Promise<readonly string[]> =>
    (
      await connectionPermissions(
        { subjects, resources, authorize: () => ({ allowed: true, reason: '' }) },
        { name: 'system:node:x', groups },
      )
    ).subscribe;
  t.deepEqual(await heard([]), ['troupe.c.gone.*']);
  t.deepEqual(await heard(['system:masters']), ['_INBOX.>', 'troupe.c.gone.*']);
});

test('masters hear the whole feed, and may ask the actors of resources', async (t) => {
  t.deepEqual(
    await connectionPermissions(
      { subjects, resources, authorize: nobodyMay },
      { name: 'admin', groups: ['system:masters'] },
    ),
    {
      publish: ['troupe.c.api', 'troupe.c.participants', 'troupe.c.actor.>'],
      subscribe: ['_INBOX.>', 'troupe.c.gone.*', 'troupe.c.events.>'],
    },
  );
});

test("whoever is named like a member or a node hears nothing of the other's inbox", async (t) => {
  const heard = async (name: string): Promise<readonly string[]> =>
    (await connectionPermissions({ subjects, resources, authorize: nobodyMay }, { name, groups: [] })).subscribe;
  for (const name of ['member-1', '%member-1', '_INBOX.%member-1'])
    t.false(
      (await heard(name)).some((subject) => subject.startsWith(`${memberInboxPrefix('member-1')}.`)),
      name,
    );
  t.deepEqual(await heard('system:node:n1'), ['troupe.c.gone.*']);
});

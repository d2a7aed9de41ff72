import test from 'ava';
import { epochFence, grantEpoch, revokeEpoch } from '../stored/fence.ts';
import { localClient } from '../clients/index.ts';
import { systemUser } from '../ports.ts';
import { startHarness } from '../testing/harness.ts';

const template = { metadata: { labels: { a: 'b' } } };

/** Objects with empty lists in places where none is stored. */
const cases: readonly (readonly [title: string, path: string, object: object])[] = [
  [
    'a set without containers',
    '/apis/apps/v1/namespaces/default/statefulsets',
    { metadata: { name: 'x' }, spec: { serviceName: 's', selector: { matchLabels: { a: 'b' } }, template } },
  ],
  [
    'a driver without topology',
    '/apis/storage.k8s.io/v1/csinodes',
    { metadata: { name: 'x' }, spec: { drivers: [{ name: 'd.example.com', nodeID: 'n' }] } },
  ],
  ['a role without rules', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'x' }, rules: [] }],
  [
    'a slice without endpoints',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    { metadata: { name: 'x' }, addressType: 'IPv4', endpoints: [], ports: [] },
  ],
  [
    'a range without limits',
    '/api/v1/namespaces/default/limitranges',
    { metadata: { name: 'x' }, spec: { limits: [] } },
  ],
  [
    'a volume attachment',
    '/apis/storage.k8s.io/v1/volumeattachments',
    {
      metadata: { name: 'x' },
      spec: { attacher: 'a.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } },
    },
  ],
];

for (const [title, path, object] of cases) {
  test(
    `a write that changes nothing leaves ${title} as it is, and one of the labels counts no ` + 'generation',
    async (t) => {
      const h = await startHarness();
      const made = await h.post(path, object);
      t.is(made.metadata.name, 'x');
      const again = await h.put(`${path}/x`, made);
      t.deepEqual(again.metadata, made.metadata);
      const labelled = await h.patch(`${path}/x`, 'merge', { metadata: { labels: { c: 'd' } } });
      t.deepEqual(labelled.metadata.labels, { c: 'd' });
      if (!path.includes('slices')) t.is(labelled.metadata.generation, made.metadata.generation);
    },
  );
}

test(
  'a client owns nothing of what only the server says of an object, and applies to no other object of the ' + 'name',
  async (t) => {
    const h = await startHarness();
    const maps = '/api/v1/namespaces/default/configmaps';
    const made = await h.post(maps, {
      metadata: {
        name: 'x',
        uid: 'mine',
        deletionTimestamp: '2020-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 3,
        selfLink: '/x',
      },
      data: { a: 'b' },
    });
    t.deepEqual(
      (made.metadata.managedFields ?? []).map((entry) => entry.fieldsV1),
      [{ 'f:data': { '.': {}, 'f:a': {} } }],
    );
    t.not(made.metadata.uid, 'mine');
    const answer = (await h.patch(`${maps}/y`, 'apply', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'y', uid: 'gone' },
    })) as object as { message: string; code: number };
    t.is(
      `${answer.code} ${answer.message}`,
      '409 Operation cannot be fulfilled on configmaps "y": uid mismatch: the provided object specified uid ' +
        'gone, and no existing object was found',
    );
  },
);

test('a write that changes nothing is a conflict, too, once its fence does not hold', async (t) => {
  const h = await startHarness();
  const maps = '/api/v1/namespaces/default/configmaps';
  const {
    metadata: { resourceVersion },
  } = await h.post(maps, { metadata: { name: 'x' }, data: { a: 'b' } });
  const granter = { key: '/ownership/epochs/nobody', revision: 0 } as Parameters<typeof grantEpoch>[2];
  const epoch = (await grantEpoch(h.store, 'one', granter)) ?? 0;
  const client = localClient(h.service.fenced(epochFence('one', epoch)), systemUser);
  const ref = { group: '', resource: 'configmaps', namespace: 'default', name: 'x' };
  const same = (): Promise<unknown> => client.patch(ref, { type: 'merge', body: { data: { a: 'b' } } });
  t.like(await same(), { object: { metadata: { resourceVersion } } });
  await revokeEpoch(h.store, 'one', epoch);
  await t.throwsAsync(same(), { message: /has another owner or epoch now/ });
});

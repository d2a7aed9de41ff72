import test from 'ava';
import type { KubeObject } from '../src/api/index.ts';
import { bind, bodyJson, type DoorHarness, role, startDoor } from '../src/api-server/testing/index.ts';
import { type Harness, startHarness } from '../src/resources/testing/harness.ts';

/** The right to change an object is none to create it: server-side apply and some PUTs make what is not there. */
interface Row {
  readonly verbs: readonly string[];
  readonly how: 'apply' | 'PUT';
  readonly status: number;
  /** The object is there already. */
  readonly exists?: boolean;
  readonly resourceNames?: readonly string[];
}

const rows: readonly Row[] = [
  { verbs: ['patch'], how: 'apply', status: 403 },
  { verbs: ['create'], how: 'apply', status: 403 },
  { verbs: ['patch', 'create'], how: 'apply', status: 201 },
  { verbs: ['patch'], how: 'apply', status: 200, exists: true },
  { verbs: ['patch', 'create'], how: 'apply', status: 201, resourceNames: ['l'] },
  { verbs: ['patch', 'create'], how: 'apply', status: 403, resourceNames: ['other'] },
  { verbs: ['update'], how: 'PUT', status: 403 },
  { verbs: ['update', 'create'], how: 'PUT', status: 201 },
  { verbs: ['update'], how: 'PUT', status: 200, exists: true },
];

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} };

async function world({
  verbs,
  resourceNames,
  exists,
}: Row): Promise<{ readonly door: DoorHarness; readonly h: Harness }> {
  const h = await startHarness();
  const door = startDoor({ service: h.service });
  const rule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: [...verbs] };
  role(door.view, 'some', [resourceNames === undefined ? rule : { ...rule, resourceNames: [...resourceNames] }]);
  bind(door.view, 'some', { role: 'some', subjects: [{ kind: 'User', name: 'alice' }] });
  if (exists === true) await h.post(leases, lease);
  return { door, h };
}

for (const row of rows) {
  const { verbs, how, status, exists = false, resourceNames = [] } = row;
  const names = resourceNames.length === 0 ? '' : ` of ${resourceNames.join()}`;
  const what = exists ? 'one that is there' : 'a new one';
  test(`who may ${verbs.join(' and ')}${names} gets ${status} for ${what} by ${how}`, async (t) => {
    const { door, h } = await world(row);
    const { resourceVersion } = exists && how === 'PUT' ? (await h.get(`${leases}/l`)).metadata : {};
    const answer = await door.ask(how === 'apply' ? 'PATCH' : 'PUT', `${leases}/l?fieldManager=m`, {
      user: 'alice',
      headers: { 'content-type': how === 'apply' ? 'application/apply-patch+yaml' : 'application/json' },
      body: { ...lease, metadata: { name: 'l', resourceVersion }, spec: { holderIdentity: 'h' } },
    });
    t.is(answer.status, status);
    const found = (await h.get(`${leases}/l`)) as KubeObject & { readonly code?: number };
    if (status === 201 || exists) t.is(found.kind, 'Lease');
    else t.is(found.code, 404);
    if (status !== 403 || !verbs.includes(how === 'apply' ? 'patch' : 'update') || names !== '') return;
    t.is(
      (bodyJson(answer) as { message: string }).message,
      'leases.coordination.k8s.io "l" is forbidden: User "alice" cannot create resource "leases" in API group ' +
        '"coordination.k8s.io" in the namespace "default"',
    );
  });
}

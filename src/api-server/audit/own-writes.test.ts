import test from 'ava';
import { StatusError } from '../../api/index.ts';
import { seededRandom } from '../../base/index.ts';
import { localClient } from '../../resources/index.ts';
import { configMap, FakeService, HandTime } from '../testing/index.ts';
import { createAudit } from './audit.ts';
import type { AuditBackend } from './batch.ts';
import { defaultAuditPolicy } from './default-policy.ts';
import type { AuditEvent } from './event.ts';
import { auditedWrites } from './own-writes.ts';
import type { AuditPolicy } from './policy.ts';

const user = { name: 'system:serviceaccount:kube-system:deployment-controller', groups: ['system:masters'] };
const annotations = { 'troupe.dev/shard': '7', 'troupe.dev/epoch': '3', 'troupe.dev/member': 'member-2' };
const maps = { group: '', resource: 'configmaps', namespace: 'n' };

/** A controller's client over a fake service, and what its writes leave in the trail. */
function start(
  policy: AuditPolicy,
  since = 0,
): { readonly events: AuditEvent[]; readonly service: FakeService; readonly client: ReturnType<typeof localClient> } {
  const events: AuditEvent[] = [];
  const backend: AuditBackend = {
    add: (event) => {
      events.push(JSON.parse(event) as AuditEvent);
    },
    close: () => Promise.resolve(),
  };
  const { clock } = new HandTime();
  const service = new FakeService();
  const writer = { userAgent: 'troupe/1', annotations, since: since as never };
  const client = localClient(
    auditedWrites(service, writer, {
      audit: createAudit({ policy, backends: [backend], clock }),
      clock,
      random: seededRandom(1),
    }),
    user,
  );
  return { events, service, client };
}

test("a controller's writes are recorded as the requests that they stand for, with holder and epoch", async (t) => {
  const { events, client } = start(defaultAuditPolicy);
  await client.create(maps, configMap('c', 'n'));
  await client.update({ ...maps, name: 'c' }, configMap('c', 'n'), { subresource: 'status' });
  await client.delete({ ...maps, name: 'c' }, { uid: 'u' });
  await client.create(
    { group: 'apps', resource: 'deployments', namespace: 'n' },
    { ...configMap('d', 'n'), kind: 'Deployment' },
  );
  await client.deleteCollection(maps);
  t.like(events[0], {
    level: 'Metadata',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/n/configmaps',
    verb: 'create',
    user: { username: user.name },
    userAgent: 'troupe/1',
    objectRef: { resource: 'configmaps', namespace: 'n', name: 'c', apiVersion: 'v1' },
    responseStatus: { code: 201 },
  });
  t.deepEqual(events[0]?.annotations, { ...annotations, 'troupe.dev/revision': '11' });
  t.is(events[0]?.requestObject, undefined);
  t.like(events[1], {
    verb: 'update',
    requestURI: '/api/v1/namespaces/n/configmaps/c/status',
    objectRef: { name: 'c', subresource: 'status' },
    responseStatus: { code: 200 },
  });
  t.like(events[2], { verb: 'delete', objectRef: { name: 'c' }, responseStatus: { code: 200 } });
  t.like(events[3], {
    verb: 'create',
    requestURI: '/apis/apps/v1/namespaces/n/deployments',
    objectRef: { apiGroup: 'apps', name: 'd' },
  });
  t.like(events[4], { verb: 'deletecollection', responseStatus: { code: 200 } });
  t.is(events.length, 5);
});

test('bodies are recorded where the policy wants them', async (t) => {
  const { events, client } = start({ omitStages: ['RequestReceived'], rules: [{ level: 'RequestResponse' }] });
  await client.create(maps, configMap('c', 'n'));
  await client.delete({ ...maps, name: 'c' }, { uid: 'u', propagation: 'Background' });
  t.like(events[0], {
    requestObject: { data: { k: 'v' } },
    responseObject: { kind: 'ConfigMap', metadata: { resourceVersion: '11' } },
  });
  t.deepEqual(events[1]?.requestObject, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'u' },
    propagationPolicy: 'Background',
  });
});

test('a refused write is recorded with why, and the writer still hears of it', async (t) => {
  const { events, service, client } = start(defaultAuditPolicy);
  service.create = () => Promise.reject(new StatusError('Conflict', 'another owner'));
  await t.throwsAsync(client.create(maps, configMap('c', 'n')), { message: 'another owner' });
  service.create = () => Promise.reject(new TypeError('a defect'));
  await t.throwsAsync(client.create(maps, configMap('c', 'n')), { message: 'a defect' });
  t.like(events[0], {
    stage: 'ResponseComplete',
    responseStatus: { code: 409, reason: 'Conflict', message: 'another owner' },
    annotations,
  });
  t.like(events[1], { stage: 'Panic', responseStatus: { code: 500 } });
});

test('what the policy leaves out is not recorded, and an object that needed no write tells no revision', async (t) => {
  const { events, service, client } = start(defaultAuditPolicy, 11);
  service.put(configMap('c', 'n'));
  await client.create({ group: '', resource: 'events', namespace: 'n' }, { ...configMap('e', 'n'), kind: 'Event' });
  t.is(events.length, 0);
  await client.patch({ ...maps, name: 'c' }, { type: 'merge', body: {} });
  t.deepEqual(events[0]?.annotations, annotations);
});

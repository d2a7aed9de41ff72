import { createHash } from 'node:crypto';
import test from 'ava';
import { allResources, findKind, findResource, preferredResource, sha256, typeSchema } from './index.ts';

test('a field tells its facts', (t) => {
  const ports = typeSchema('core/v1.Container').fields.get('ports');
  t.like(ports, {
    type: 'object',
    list: true,
    ref: 'core/v1.ContainerPort',
    listType: 'map',
    mapKeys: ['containerPort', 'protocol'],
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
    protobuf: 6,
  });
  t.like(typeSchema('core/v1.ServicePort').fields.get('protocol'), {
    default: 'TCP',
    enum: ['SCTP', 'TCP', 'UDP'],
    omitEmpty: true,
  });
  t.like(typeSchema('core/v1.Volume').fields.get('emptyDir'), { protobufInside: [2], protobuf: 2, keepsEmpty: true });
  t.like(typeSchema('core/v1.Pod'), { groupVersionKind: { group: '', version: 'v1', kind: 'Pod' } });
});

test('resources are found by plural, by kind and in the preferred version', (t) => {
  t.is(allResources().length, 61);
  t.is(findResource('apps', 'v1', 'deployments')?.type, 'apps/v1.Deployment');
  t.is(findKind('rbac.authorization.k8s.io', 'v1', 'Role')?.resource, 'roles');
  t.is(preferredResource('autoscaling', 'horizontalpodautoscalers')?.version, 'v2');
  t.is(findResource('apps', 'v1', 'pods'), undefined);
  t.deepEqual(findResource('events.k8s.io', 'v1', 'events')?.storage, { group: '', resource: 'events' });
});

test('SHA-256 is that of the platform', (t) => {
  for (const text of ['', 'abc', 'ä'.repeat(500), 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(64)]) {
    t.is(Buffer.from(sha256(text)).toString('hex'), createHash('sha256').update(text).digest('hex'));
  }
});

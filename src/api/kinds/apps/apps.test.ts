import test from 'ava';
import { deepClone, fieldErrorText } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { appsBehaviours } from './index.ts';

const behaviour = (resource: string) => {
  const found = appsBehaviours[`apps/${resource}`];
  if (found === undefined) throw new Error(`no behaviour for ${resource}`);
  return found;
};
const container = { name: 'c', image: 'registry.example/app:1' };

function workload(resource: string, spec: object): KubeObject {
  const object: JsonObject = {
    apiVersion: 'apps/v1',
    kind: 'X',
    metadata: { name: 'x', namespace: 'n', uid: 'u' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
      ...deepClone(spec),
    },
  };
  behaviour(resource).defaults?.(object);
  return object as unknown as KubeObject;
}

const texts = (resource: string, object: KubeObject, old?: KubeObject): string[] => {
  const kind = behaviour(resource);
  const errors = old === undefined ? kind.validate?.(object) : kind.validateUpdate?.(object, old);
  return (errors ?? []).map((error) => `${error.field}: ${fieldErrorText(error)}`);
};

test('a deployment gets its defaults', (t) => {
  t.like(workload('deployments', {}).spec as object, {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  t.deepEqual(texts('deployments', workload('deployments', {})), []);
});

test('a deployment without selector and pods is told all that is missing', (t) => {
  t.deepEqual(texts('deployments', workload('deployments', { selector: null, template: {} })), [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: map[string]string(nil): `selector` does not match template `labels`',
    'spec.template.spec.containers: Required value',
  ]);
});

test('a rolling update that may neither add nor remove pods is refused', (t) => {
  const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } };
  t.deepEqual(texts('deployments', workload('deployments', { strategy })), [
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, ' +
      'StrVal:""}: may not be 0 when `maxSurge` is 0',
  ]);
  t.deepEqual(texts('daemonsets', workload('daemonsets', { updateStrategy: strategy })), [
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ]);
});

test('percentages beyond all and text that is none are refused', (t) => {
  t.is(
    texts('deployments', workload('deployments', { strategy: { rollingUpdate: { maxUnavailable: '120%' } } })).length,
    1,
  );
  t.is(texts('deployments', workload('deployments', { strategy: { rollingUpdate: { maxSurge: 'many' } } })).length, 1);
});

test('a revision to go back to is not negative', (t) => {
  const object = {
    ...workload('deployments', {}),
    metadata: { name: 'x', annotations: { 'deprecated.deployment.rollback.to': '-1' } },
  };
  t.deepEqual(texts('deployments', object), [
    'spec.rollback.version: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

test('selectors are fixed', (t) => {
  for (const resource of ['deployments', 'replicasets', 'daemonsets']) {
    const old = workload(resource, {});
    const object = workload(resource, {
      selector: { matchLabels: { z: '1' } },
      template: { metadata: { labels: { z: '1' } }, spec: { containers: [container] } },
    });
    t.deepEqual(
      texts(resource, object, old),
      ['spec.selector: Invalid value: {"matchLabels":{"z":"1"}}: field is immutable'],
      resource,
    );
  }
});

test('a changed replica set or daemon set is checked as a new one and as a change, and both are told', (t) => {
  const told = 'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0';
  for (const resource of ['replicasets', 'daemonsets'])
    t.deepEqual(
      texts(resource, workload(resource, { minReadySeconds: -1 }), workload(resource, {})),
      [told, told],
      resource,
    );
  t.deepEqual(texts('deployments', workload('deployments', { minReadySeconds: -1 }), workload('deployments', {})), [
    told,
  ]);
});

test('of a stateful set only named fields change', (t) => {
  const old = workload('statefulsets', { serviceName: 's' });
  t.deepEqual(
    texts('statefulsets', workload('statefulsets', { serviceName: 's', replicas: 3, minReadySeconds: 4 }), old),
    [],
  );
  t.deepEqual(texts('statefulsets', workload('statefulsets', { serviceName: 'other' }), old), [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', " +
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' " +
      'are forbidden',
  ]);
});

test('a stateful set without a service name is put again', (t) => {
  const stored = workload('statefulsets', { serviceName: '' });
  t.deepEqual(texts('statefulsets', workload('statefulsets', { replicas: 3 }), stored), []);
  t.is(texts('statefulsets', workload('statefulsets', { serviceName: 's' }), stored).length, 1);
});

const ofTheSpec: readonly (readonly [resource: string, annotation: string])[] = [
  ['daemonsets', 'deprecated.daemonset.template.generation'],
  ['deployments', 'deprecated.deployment.rollback.to'],
];
for (const [resource, annotation] of ofTheSpec) {
  test(`who writes a status changes other annotations than ${annotation}`, (t) => {
    const old = { ...workload(resource, {}), metadata: { name: 'x', annotations: { [annotation]: '1', a: '1' } } };
    const written = (annotations: object): unknown => {
      const object = { ...deepClone(old), metadata: { name: 'x', annotations } } as unknown as JsonObject;
      behaviour(resource).subresources?.['status']?.prepareForUpdate?.(object, old);
      return (object['metadata'] as JsonObject)['annotations'];
    };
    t.deepEqual(written({ [annotation]: '2', b: '1' }), { [annotation]: '1', b: '1' });
    t.deepEqual(written({}), { [annotation]: '1' });
  });
}

test('the service name of a stateful set is a label when it is made', (t) => {
  t.is(texts('statefulsets', workload('statefulsets', { serviceName: 'Not_A_Label' })).length, 1);
});

test('a change of annotations counts as one of the deployment, of labels it does not', (t) => {
  const old = { ...workload('deployments', {}), metadata: { name: 'x', generation: 3 } };
  const changed = (metadata: object): unknown => {
    const object = { ...deepClone(workload('deployments', {})), metadata } as unknown as JsonObject;
    behaviour('deployments').prepareForUpdate?.(object, old);
    return (object['metadata'] as JsonObject)['generation'];
  };
  t.is(changed({ name: 'x', labels: { l: '1' } }), 3);
  t.is(changed({ name: 'x', annotations: { l: '1' } }), 4);
});

test('a daemon set counts the versions of its template', (t) => {
  const kind = behaviour('daemonsets');
  const made = deepClone(workload('daemonsets', {})) as unknown as JsonObject;
  kind.prepareForCreate?.(made);
  t.deepEqual((made['metadata'] as JsonObject)['annotations'], { 'deprecated.daemonset.template.generation': '1' });
  const next = deepClone(made);
  (next['spec'] as { template: { spec: { hostPID: boolean } } }).template.spec.hostPID = true;
  kind.prepareForUpdate?.(next, made as unknown as KubeObject);
  t.like(next['metadata'] as JsonObject, {
    generation: 2,
    annotations: { 'deprecated.daemonset.template.generation': '2' },
  });
});

test('a status with more ready pods than pods is refused', (t) => {
  const object = { ...workload('deployments', {}), status: { replicas: -1, readyReplicas: 5, availableReplicas: 6 } };
  const errors = behaviour('deployments').subresources?.['status']?.validateUpdate?.(object, object) ?? [];
  t.deepEqual(
    errors.map(({ field, detail }) => `${field}: ${detail}`),
    [
      'status.replicas: must be greater than or equal to 0',
      'status.updatedReplicas: cannot be greater than status.replicas',
      'status.readyReplicas: cannot be greater than status.replicas',
      'status.availableReplicas: cannot be greater than status.replicas',
      'status.availableReplicas: cannot be greater than readyReplicas',
    ],
  );
});

test('terminating replicas are not counted', (t) => {
  for (const resource of ['deployments', 'replicasets']) {
    const object = {
      ...deepClone(workload(resource, {})),
      status: { replicas: 1, terminatingReplicas: 1 },
    } as unknown as JsonObject;
    behaviour(resource).subresources?.['status']?.prepareForUpdate?.(object, workload(resource, {}));
    t.deepEqual(object['status'], { replicas: 1 }, resource);
  }
});

test('a controller revision names the workload that it belongs to', (t) => {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    revision: 2,
    data: {},
    metadata: {
      name: 'r',
      creationTimestamp: '1970-01-01T00:00:00Z',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', uid: 'u', controller: true }],
    },
  };
  t.deepEqual(behaviour('controllerrevisions').row(object, 5000), ['r', 'statefulset.apps/s', 2, '5s']);
});

const broken = { matchExpressions: [{ key: 'a', operator: 'In' }] };
const brokenTold =
  "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'";
const brokenSelectors: readonly (readonly [resource: string, also: readonly string[]])[] = [
  [
    'deployments',
    ['spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector'],
  ],
  [
    'replicasets',
    ['spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector'],
  ],
  ['statefulsets', ['spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}']],
  ['daemonsets', []],
];
for (const [resource, also] of brokenSelectors) {
  test(`the labels of a template are not held against a selector that cannot be read: ${resource}`, (t) => {
    t.deepEqual(texts(resource, workload(resource, { selector: broken })).sort(), [brokenTold, ...also].sort());
  });
}

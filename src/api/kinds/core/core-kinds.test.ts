import test from 'ava';
import type { JsonObject, KubeObject } from '../../object.ts';
import { created, rowOf, updated } from '../testing/checked.ts';

const body = (kind: string, fields: JsonObject): JsonObject => ({ apiVersion: 'v1', kind, ...fields });
const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'c', image: 'shop:1' }] } };

test('a namespace carries its name as a label and the finalizer that empties it', (t) => {
  const { object, errors } = created(body('Namespace', { metadata: { name: 'shop' } }));
  t.deepEqual(errors, []);
  t.deepEqual(object.metadata.labels, { 'kubernetes.io/metadata.name': 'shop' });
  t.deepEqual(object.spec, { finalizers: ['kubernetes'] });
  t.deepEqual(object.status, { phase: 'Active' });
});

test('only /finalize changes the finalizers of a namespace', (t) => {
  const { object: old } = created(body('Namespace', { metadata: { name: 'shop' } }));
  t.deepEqual(
    updated(old, (next) => {
      next['spec'] = {};
    }).object.spec,
    { finalizers: ['kubernetes'] },
  );
  t.deepEqual(
    updated(
      old,
      (next) => {
        next['spec'] = {};
      },
      'finalize',
    ).object.spec,
    {},
  );
});

test('stringData becomes data', (t) => {
  const { object, errors } = created(body('Secret', { data: { a: 'MQ==' }, stringData: { b: 'é' } }));
  t.deepEqual(errors, []);
  t.deepEqual(object['data'], { a: 'MQ==', b: 'w6k=' });
  t.is(object['stringData'], undefined);
  t.is(object['type'], 'Opaque');
});

const volume = (source: JsonObject): JsonObject =>
  body('PersistentVolume', { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source } });

const refusals: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  [
    'a TLS secret without its key',
    body('Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }),
    ['data[tls.key]: Required value'],
  ],
  [
    'a docker secret that is no JSON',
    body('Secret', { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '[]' } }),
    [
      'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go ' +
        'value of type map[string]interface {}',
    ],
  ],
  [
    'a config map with one key in both bags',
    body('ConfigMap', { data: { k: '1' }, binaryData: { k: 'AA==' } }),
    ['data[k]: Invalid value: "k": duplicate of key present in binaryData'],
  ],
  [
    'a controller whose selector misses its template',
    body('ReplicationController', { spec: { selector: { app: 'other' }, template } }),
    ['spec.template.metadata.labels: Invalid value: {"app":"shop"}: `selector` does not match template `labels`'],
  ],
  [
    'a quota of an unknown resource',
    body('ResourceQuota', { spec: { hard: { apples: '1' } } }),
    [
      'spec.hard[apples]: Invalid value: apples: must be a standard resource for quota',
      'spec.hard[apples]: Invalid value: apples: must be a standard resource type or fully qualified',
    ],
  ],
  [
    'a quota of what no scope narrows',
    body('ResourceQuota', {
      spec: { hard: { cpu: '1', 'ephemeral-storage': '1Gi', 'hugepages-2Mi': '2Mi' }, scopes: ['NotTerminating'] },
    }),
    Array(2).fill('spec.scopes: Invalid value: ["NotTerminating"]: unsupported scope applied to resource') as string[],
  ],
  [
    'a quota of some pods that end',
    body('ResourceQuota', {
      spec: {
        hard: { pods: '1' },
        scopeSelector: { matchExpressions: [{ scopeName: 'Terminating', operator: 'In', values: ['a'] }] },
      },
    }),
    [
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any ' +
        'of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ' +
        'ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    ],
  ],
  [
    'a quota of opposite scopes',
    body('ResourceQuota', { spec: { hard: { pods: '1' }, scopes: ['Terminating', 'NotTerminating'] } }),
    ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  [
    'a limit range that asks for more than its maximum',
    body('LimitRange', { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, defaultRequest: { cpu: '2' } }] } }),
    [
      'spec.limits[0].defaultRequest[cpu]: Invalid value: {"quantity":"2"}: default request value 2 is greater ' +
        'than default limit value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: {"quantity":"2"}: default request value 2 is greater ' +
        'than max value 1',
    ],
  ],
  [
    'endpoints on a loopback address',
    body('Endpoints', { subsets: [{ addresses: [{ ip: '::1' }] }] }),
    ['subsets[0].addresses[0].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'a node with one taint twice',
    body('Node', {
      spec: {
        taints: [
          { key: 'k', effect: 'NoSchedule' },
          { key: 'k', effect: 'NoSchedule' },
        ],
      },
    }),
    [
      'metadata.taints[1]: Duplicate value: {"key":"k","effect":"NoSchedule"}: taints must be unique by key ' +
        'and effect pair',
    ],
  ],
  [
    'a local volume that could be anywhere',
    body('PersistentVolume', {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], local: { path: '/d' } },
    }),
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'a volume over iSCSI with odd names',
    volume({ iscsi: { targetPortal: 'a', iqn: 'xx', lun: 0, initiatorName: 'q', secretRef: {} } }),
    [
      'spec.iscsi.iqn: Invalid value: "xx": must be valid format',
      'spec.iscsi.initiatorname: Invalid value: "q": must be valid format',
      'spec.iscsi.secretRef.name: Required value',
    ],
  ],
  [
    'a volume over iSCSI with a long name',
    volume({
      iscsi: {
        targetPortal: 'p'.repeat(64),
        iqn: 'eui.0123456789abcdef',
        lun: 0,
        initiatorName: 'eui.0123456789abcdef',
      },
    }),
    [
      `spec.iscsi.targetportal: Invalid value: "${'p'.repeat(64)}": Total length of <volume ` +
        'name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
    ],
  ],
  [
    'a Gluster volume with endpoints nowhere',
    volume({ glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: '' } }),
    [
      'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a ' +
        'valid namespace name',
    ],
  ],
  [
    'a claim of nothing',
    body('PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '0' } } },
    }),
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
];
for (const [what, object, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(object).errors, [...expected].sort());
  });
}

test('immutable data stays as it is', (t) => {
  for (const kind of ['ConfigMap', 'Secret']) {
    const { object: old } = created(body(kind, { immutable: true, data: { a: 'MQ==' } }));
    const { errors } = updated(old, (next) => {
      next['data'] = { a: 'Mg==' };
      delete next['immutable'];
    });
    t.deepEqual(errors, [
      'data: Forbidden: field is immutable when `immutable` is set',
      'immutable: Forbidden: field is immutable when `immutable` is set',
    ]);
  }
});

test('a replication controller selects the labels of its template', (t) => {
  const { object } = created(body('ReplicationController', { spec: { template } }));
  t.like(object, {
    metadata: { labels: { app: 'shop' } },
    spec: { replicas: 1, selector: { app: 'shop' } },
    status: { replicas: 0 },
  });
  t.deepEqual(rowOf(object), ['x', 1, 0, 0, '60m', 'c', 'shop:1', 'app=shop']);
});

test('limits of containers fill each other in', (t) => {
  const { object } = created(
    body('LimitRange', { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { memory: '1Mi' } }] } }),
  );
  t.deepEqual(object.spec, {
    limits: [
      {
        type: 'Container',
        max: { cpu: '1' },
        min: { memory: '1Mi' },
        default: { cpu: '1' },
        defaultRequest: { cpu: '1', memory: '1Mi' },
      },
    ],
  });
});

test('the source of a volume never changes, its reclaim policy may', (t) => {
  const { object: old } = created(
    body('PersistentVolume', {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } },
    }),
  );
  t.deepEqual(
    updated(old, (next) => {
      (next['spec'] as JsonObject)['persistentVolumeReclaimPolicy'] = 'Delete';
    }).errors,
    [],
  );
  t.regex(
    updated(old, (next) => {
      (next['spec'] as JsonObject)['hostPath'] = { path: '/b' };
    }).errors.join(),
    /^spec\.persistentvolumesource: Forbidden: spec\.persistentvolumesource is immutable after creation\n/,
  );
});

test('only a bound claim grows', (t) => {
  const { object: old } = created(
    body('PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  );
  const grow = (next: JsonObject): void => {
    (next['spec'] as JsonObject)['resources'] = { requests: { storage: '2Gi' } };
  };
  t.true(
    updated(old, grow)
      .errors.join()
      .startsWith(
        'spec: Forbidden: spec is immutable after creation except resources.requests and ' +
          'volumeAttributesClassName for bound claims\n',
      ),
  );
  t.deepEqual(updated({ ...old, status: { phase: 'Bound' } }, grow).errors, []);
});

test('a claim is changed by who names its source the old way, and what is off by default is not kept', (t) => {
  const given = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
  };
  const { object: old } = created(
    body('PersistentVolumeClaim', { spec: { ...given, volumeAttributesClassName: 'fast' } }),
  );
  t.is((old.spec as JsonObject)['volumeAttributesClassName'], undefined);
  const { object, errors } = updated(old, (next) => {
    next['spec'] = { ...given, volumeAttributesClassName: 'fast' };
  });
  t.deepEqual(errors, []);
  t.deepEqual(object, old);
  const status = {
    phase: 'Bound',
    currentVolumeAttributesClassName: 'fast',
    modifyVolumeStatus: { status: 'Pending' },
  };
  t.deepEqual(
    updated(
      old,
      (next) => {
        next['status'] = status;
      },
      'status',
    ).object.status,
    { phase: 'Bound' },
  );
});

test('what is wrong with a volume, a claim or a controller is said once as a whole and once as a change', (t) => {
  const claim = created(
    body('PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ).object;
  const modes = (next: JsonObject): void => {
    (next['spec'] as JsonObject)['accessModes'] = [];
  };
  t.is(
    updated(claim, modes).errors.filter(
      (text) => text === 'spec.accessModes: Required value: at least 1 access mode is required',
    ).length,
    2,
  );
  t.deepEqual(
    updated(created(volume({ hostPath: { path: '/a' } })).object, modes).errors,
    Array(2).fill('spec.accessModes: Required value'),
  );
  const controller = created(body('ReplicationController', { spec: { template } })).object;
  t.deepEqual(
    updated(controller, (next) => {
      (next['spec'] as JsonObject)['replicas'] = -1;
    }).errors,
    Array(2).fill('spec.replicas: Invalid value: -1: must be greater than or equal to 0'),
  );
  const node = created(body('Node', {})).object;
  t.deepEqual(
    updated(node, (next) => {
      next['spec'] = { taints: [{ key: 'k' }] };
    }).errors,
    Array(2).fill('metadata.taints[0].effect: Required value'),
  );
});

test('where agents took their settings from is forgotten', (t) => {
  const configSource = { configMap: { name: 'a', namespace: 'b', kubeletConfigKey: 'c' } };
  const { object } = created(body('Node', { spec: { configSource }, status: { config: { active: configSource } } }));
  t.deepEqual([object.spec, (object.status as JsonObject)['config']], [{}, undefined]);
  t.deepEqual(
    updated(object, (next) => {
      next['spec'] = { configSource };
    }).object.spec,
    {},
  );
});

test('the row of a node says whether it takes pods', (t) => {
  const node = {
    ...created(body('Node', { metadata: { name: 'one', labels: { 'node-role.kubernetes.io/control-plane': '' } } }))
      .object,
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
      nodeInfo: { kubeletVersion: 'v1.33.0' },
    },
  } as unknown as KubeObject;
  t.deepEqual(rowOf(node), [
    'one',
    'Ready,SchedulingDisabled',
    'control-plane',
    '60m',
    'v1.33.0',
    '10.0.0.1',
    '<none>',
    '<unknown>',
    '<unknown>',
    '<unknown>',
  ]);
});

import test from 'ava';
import { parseAddress, parseCidr } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { findResource } from '../schema/index.ts';
import { addressErrors, specialAddressErrors } from './addresses.ts';
import { behaviourOf, defaultBehaviour } from './index.ts';
import { created, rowOf, updated } from './testing/checked.ts';
import { object, label } from './objects.fixture.ts';

const range = object('networking.k8s.io/v1', 'ServiceCIDR', { spec: { cidrs: ['10.1.0.0/24'] } });
const attachment = object('storage.k8s.io/v1', 'VolumeAttachment', {
  spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
});
const event = object('events.k8s.io/v1', 'Event', {
  metadata: { namespace: 'default' },
  eventTime: '2024-01-01T00:00:00.000001Z',
  note: 'hello',
  reason: 'R',
  action: 'A',
  type: 'Normal',
  reportingController: 'c',
  reportingInstance: 'i',
});

test('addresses are read in every notation', (t) => {
  t.deepEqual(parseAddress('10.0.0.1'), { family: 'IPv4', bits: 0x0a000001n });
  t.deepEqual(parseAddress('::ffff:10.0.0.1'), { family: 'IPv4', bits: 0x0a000001n });
  t.deepEqual(parseAddress('fd00::1'), { family: 'IPv6', bits: (0xfd00n << 112n) | 1n });
  for (const text of ['10.0.0', '10.0.0.256', 'fd00:::1', 'x', '', '1:2:3:4:5:6:7:8:9', '::1::'])
    t.is(parseAddress(text), undefined, text);
  t.is(addressErrors('p', 'x').length, 1);
  t.is(parseCidr('10.0.0.0/33'), undefined);
  t.is(
    specialAddressErrors('p', '169.254.1.1')[0]?.detail,
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  );
});

test('a kind without its own behaviour keeps its status apart and counts generations', (t) => {
  const info = findResource('apps', 'v1', 'deployments');
  if (info === undefined) return t.fail('the tables have no deployments');
  const behaviour = defaultBehaviour(info);
  const next: JsonObject = { metadata: { name: 'a' }, spec: { a: 2 }, status: { hacked: true } };
  behaviour.prepareForUpdate?.(next, {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'a', generation: 3 },
    spec: { a: 1 },
    status: { b: 1 },
  });
  t.deepEqual(next, { metadata: { name: 'a', generation: 4 }, spec: { a: 2 }, status: { b: 1 } });
  t.is(behaviourOf(info), behaviourOf(info));
});

const csiNode = object('storage.k8s.io/v1', 'CSINode', {
  spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: [] }] },
});

const runtimeClass = object('node.k8s.io/v1', 'RuntimeClass', { handler: 'h' });

const networkPolicy = object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {} } });

/** Upstream checks some kinds more than once at an update, and so says the same more than once. */
const changes: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
  [
    'the reason of an event',
    event,
    { reason: 'S', note: 'other' },
    [
      'message: Invalid value: "other": field is immutable',
      ...(Array(2).fill('reason: Invalid value: "S": field is immutable') as string[]),
    ],
  ],
  [
    'a range for another',
    range,
    { spec: { cidrs: ['10.2.0.0/24'] } },
    ['spec.cidrs[0]: Invalid value: "10.2.0.0/24": field is immutable'],
  ],
  [
    'a range for none',
    range,
    { spec: { cidrs: [] } },
    ['spec.cidrs: Required value: at least one CIDR required', 'spec.cidrs: Invalid value: []: field is immutable'],
  ],
  ['one range for two', range, { spec: { cidrs: ['10.1.0.0/24', 'fd00::/112'] } }, []],
  [
    'a driver of a node',
    csiNode,
    { spec: { drivers: [{ name: 'd', nodeID: 'm', topologyKeys: [] }] } },
    ['spec.drivers: Invalid value: {"name":"d","nodeID":"m","topologyKeys":[]}: field is immutable'],
  ],
  [
    'a driver of a node for one without an ID',
    csiNode,
    { spec: { drivers: [{ name: 'e', nodeID: '', topologyKeys: [] }] } },
    Array(2).fill('spec.drivers[0].nodeID: Required value') as string[],
  ],
  [
    'where a volume is attached',
    attachment,
    { spec: { attacher: '', source: { persistentVolumeName: 'v' }, nodeName: 'n' } },
    [
      'spec.attacher: Required value',
      'spec.attacher: Required value',
      'spec: Invalid value: {"attacher":"","source":{"persistentVolumeName":"v"},"nodeName":"n"}: field is immutable',
    ],
  ],
  [
    'a handler for a bad one',
    runtimeClass,
    { handler: 'H' },
    [`handler: Invalid value: "H": ${label}`, 'handler: Invalid value: "H": field is immutable'],
  ],
  [
    'a policy for one of an unknown type',
    networkPolicy,
    { spec: { podSelector: {}, policyTypes: ['Sideways'] } },
    Array(2).fill(
      'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
    ) as string[],
  ],
];

for (const [what, body, fields, expected] of changes) {
  test(`changed, ${what}`, (t) => {
    const { errors } = updated(created(body).object, (next) => {
      Object.assign(next, fields);
    });
    t.deepEqual([...errors].sort(), [...expected].sort());
  });
}

test('what of an endpoint slice is not written any more is dropped', (t) => {
  const { object: slice, errors } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          deprecatedTopology: { 'topology.kubernetes.io/zone': 'z' },
          hints: { forNodes: [{ name: 'n' }], forZones: [{ name: 'z' }] },
        },
      ],
    }),
  );
  t.deepEqual(errors, []);
  t.like(slice, {
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        deprecatedTopology: undefined,
        hints: { forNodes: undefined, forZones: [{ name: 'z' }] },
      },
    ],
  });
});

test('hosts of an ingress are counted beyond the third', (t) => {
  const hosts = (...names: readonly string[]): unknown =>
    rowOf(
      created(
        object('networking.k8s.io/v1', 'Ingress', {
          spec: {
            defaultBackend: { service: { name: 's', port: { number: 1 } } },
            rules: names.map((host) => (host === '' ? {} : { host })),
          },
        }),
      ).object,
    )[2];
  t.is(hosts(''), '*');
  t.is(hosts('', 'a', 'b'), 'a,b');
  t.is(hosts('a', 'b', 'c'), 'a,b,c');
  t.is(hosts('a', 'b', 'c', ''), 'a,b,c + 1 more...');
  t.is(hosts('', 'a', 'b', 'c', 'd'), 'a,b,c + 2 more...');
});

test('endpoints without a ready address show nothing, an address what has it', (t) => {
  const endpoints = created(
    object('v1', 'Endpoints', { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  ).object;
  t.is(rowOf(endpoints)[1], '');
  t.is(rowOf(created(object('v1', 'Endpoints', {})).object)[1], '<none>');
  const address = created(
    object('networking.k8s.io/v1', 'IPAddress', {
      metadata: { name: '10.0.0.1' },
      spec: { parentRef: { group: 'g.example', resource: 'gateways', namespace: 'n', name: 'a' } },
    }),
  ).object;
  t.deepEqual(rowOf(address), ['10.0.0.1', 'gateways.g.example/n/a', '60m']);
});

test(
  'a claim names nothing of another namespace, the old way alone nothing but claims and snapshots, and one ' +
    'source in both ways',
  (t) => {
    const claim = (sources: object): unknown =>
      created(
        object('v1', 'PersistentVolumeClaim', {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...sources },
        }),
      );
    const plain = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeMode: 'Filesystem',
    };
    t.like(claim({ dataSource: { kind: '', name: '' }, dataSourceRef: { kind: 'Pod', name: 'p', namespace: 'm' } }), {
      errors: [],
      object: { spec: plain },
    });
    const widget = { kind: 'Widget', name: 'w', apiGroup: 'example.com' };
    t.like(claim({ dataSource: widget }), { errors: [], object: { spec: plain } });
    t.like(claim({ dataSourceRef: widget }), {
      errors: [],
      object: { spec: { ...plain, dataSource: widget, dataSourceRef: widget } },
    });
    t.like(claim({ dataSource: { ...widget, name: 'v' }, dataSourceRef: widget }), {
      errors: ['spec: Invalid value: field.Path{name:"dataSource"}: must match dataSourceRef'],
    });
  },
);

test('warnings about a policy say what they warn of', (t) => {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] };
  const { object: policy } = created(
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
      spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
    }),
  );
  const expressionWarnings = [
    { fieldRef: 'spec.validations[0].expression', warning: 'w' },
    { fieldRef: ' ', warning: '' },
  ];
  t.deepEqual(
    updated(
      policy,
      (next) => {
        next['status'] = { typeChecking: { expressionWarnings } };
      },
      'status',
    ).errors,
    ['fieldRef', 'warning'].map((field) => `status.typeChecking.expressionWarnings[1].${field}: Required value`),
  );
});

test('an event of either group is the same stored event', (t) => {
  const { object: event } = created(
    object('events.k8s.io/v1', 'Event', {
      eventTime: '2024-01-01T00:00:00.000001Z',
      regarding: { kind: 'Pod', name: 'p', namespace: 'n' },
      note: 'hello',
      reason: 'R',
      action: 'A',
      type: 'Normal',
      reportingController: 'c',
      reportingInstance: 'i',
    }),
  );
  const behaviour = behaviourOf({ ...findResource('events.k8s.io', 'v1', 'events')! });
  const stored = behaviour.toStorage?.({ ...event }) ?? {};
  t.like(stored, { apiVersion: 'v1', involvedObject: { name: 'p' }, message: 'hello', reportingComponent: 'c' });
  t.deepEqual(behaviour.fromStorage?.(stored), { ...event } as JsonObject);
  t.deepEqual(rowOf(event), ['60m', 'Normal', 'R', 'pod/p', '', 'c, i', 'hello', '60m', 1, 'x']);
});

test('an autoscaler survives the way through its old version', (t) => {
  const { object: autoscaler } = created(
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
        metrics: [
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    }),
  );
  const old = behaviourOf(findResource('autoscaling', 'v1', 'horizontalpodautoscalers')!);
  const first = old.fromStorage?.({ ...autoscaler }) ?? {};
  t.is((first['spec'] as JsonObject)['targetCPUUtilizationPercentage'], 50);
  t.deepEqual(old.toStorage?.(first)['spec'], autoscaler.spec);
  t.deepEqual(rowOf(autoscaler).slice(1, 6), ['Deployment/d', 'memory: <unknown>/1Gi, cpu: <unknown>/50%', '1', 3, 0]);
});

test('a change of its labels counts as a change of an endpoint slice', (t) => {
  const { object: slice } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [] }),
  );
  t.is(slice.metadata.generation, 1);
  t.is(
    updated(slice, (next) => {
      (next['metadata'] as JsonObject)['labels'] = { a: 'b' };
    }).object.metadata.generation,
    2,
  );
  t.is(
    updated(slice, (next) => {
      (next['metadata'] as JsonObject)['annotations'] = { a: 'b' };
    }).object.metadata.generation,
    1,
  );
});

test('what a storage class does to volumes never changes', (t) => {
  const { object: storageClass } = created(object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b' }));
  t.deepEqual(
    updated(storageClass, (next) => {
      next['provisioner'] = 'a/c';
    }).errors,
    ['provisioner: Forbidden: updates to provisioner are forbidden.'],
  );
});

test('the status of an autoscaler counts no fewer than no replicas', (t) => {
  const old = created(
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
  ).object;
  const errors = (currentReplicas: number): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { currentReplicas, desiredReplicas: 1 };
      },
      'status',
    ).errors;
  t.deepEqual(errors(0), []);
  t.deepEqual(errors(-1), ['status.currentReplicas: Invalid value: -1: must be greater than or equal to 0']);
});

test('what is told of an attachment is not too long, and has no codes', (t) => {
  const old = created(
    object('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'p' } },
    }),
  ).object;
  const told = (message: string): ReturnType<typeof updated> =>
    updated(
      old,
      (next) => {
        next['status'] = { attached: false, attachError: { message, errorCode: 8 } };
      },
      'status',
    );
  t.deepEqual(told('no').errors, []);
  t.deepEqual(told('no').object.status, { attached: false, attachError: { message: 'no', time: null } });
  t.deepEqual(told('x'.repeat(1025)).errors, [
    'status.attachError.message: Too long: may not be more than 262144 bytes',
  ]);
});

test('conditions of a budget are whole, and one of each type', (t) => {
  const old = created(object('policy/v1', 'PodDisruptionBudget', { spec: {} })).object;
  const errors = (...conditions: JsonObject[]): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { conditions, currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
      },
      'status',
    ).errors;
  const good = { type: 'A', status: 'True', reason: 'R', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' };
  t.deepEqual(errors(good), []);
  t.deepEqual(errors(good, { type: 'A', status: 'Yes', reason: '', message: '' }), [
    'status.conditions[1].lastTransitionTime: Required value: must be set',
    'status.conditions[1].reason: Required value: must be set',
    'status.conditions[1].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[1].type: Duplicate value: "A"',
  ]);
  t.regex(errors({ ...good, reason: 'not so' })[0] ?? '', /a condition reason must start with alphabetic character/);
});

test(
  'each condition of a level has a type of its own, and one of an API service holds, does not hold or is ' + 'unknown',
  (t) => {
    const level = created(
      object('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', {
        spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
      }),
    ).object;
    const service = created(
      object('apiregistration.k8s.io/v1', 'APIService', {
        metadata: { name: 'v1.g.example' },
        spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
      }),
    ).object;
    const errors = (old: typeof level, ...conditions: JsonObject[]): readonly string[] =>
      updated(
        old,
        (next) => {
          next['status'] = { conditions };
        },
        'status',
      ).errors;
    t.deepEqual(errors(level, { type: 'A' }, { type: 'B' }), []);
    t.deepEqual(errors(level, { type: 'A' }, { type: 'A' }, {}), [
      'status.conditions[1].type: Duplicate value: "A"',
      'status.conditions[2].type: Required value: must not be empty',
    ]);
    t.deepEqual(errors(service, { type: 'Available', status: 'Maybe' }), [
      'status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
    ]);
  },
);

test('the status of a claim tells of storage and of states that there are', (t) => {
  const old = created(
    object('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ).object;
  const errors = (status: JsonObject): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { phase: 'Pending', ...status };
      },
      'status',
    ).errors;
  t.deepEqual(
    errors({
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending', 'example.com/blocks': 'NodeResizeInProgress' },
    }),
    [],
  );
  t.deepEqual(errors({ allocatedResources: { cpu: '1' }, allocatedResourceStatuses: { storage: 'Soon' } }), [
    'status.allocatedResourceStatus: Unsupported value: "storage": supported values: ' +
      '"ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", ' +
      '"NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ]);
});

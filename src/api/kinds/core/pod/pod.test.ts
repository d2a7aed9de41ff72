import type { Pod, Sent } from '../../../objects/index.ts';
import test from 'ava';
import type { JsonObject, KubeObject } from '../../../object.ts';
import { created, rowOf, updated } from '../../testing/checked.ts';
import { imageTag } from './image-name.ts';
import { type Body, container, pod } from './pods.fixture.ts';

const podOf = (object: object): Sent<Pod> => object as Sent<Pod>;

const specOf = (object: object): NonNullable<Sent<Pod>['spec']> => podOf(object).spec ?? {};

for (const [image, tag] of [
  ['shop', 'latest'],
  ['shop:2', '2'],
  ['localhost:5000/a/shop', 'latest'],
  ['r.example/shop:x@sha256:' + 'a'.repeat(64), 'x'],
  ['shop@sha256:' + 'b'.repeat(64), ''],
  ['', ''],
  ['SHOP', ''],
] as const) {
  test(`the tag of image '${image.slice(0, 40)}' is '${tag}'`, (t) => {
    t.is(imageTag(image), tag);
  });
}

test('a pod gets the defaults of its spec, its containers and its probes', (t) => {
  const { object, errors } = created(
    pod({
      containers: [
        container({
          ports: [{ containerPort: 8080 }],
          livenessProbe: { httpGet: { port: 8080 } },
          resources: { limits: { cpu: '500m' } },
        }),
      ],
      volumes: [{ name: 'scratch' }, { name: 'settings', configMap: { name: 'c' } }],
    }),
  );
  t.deepEqual(errors, []);
  const spec = specOf(object);
  t.like(spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    securityContext: {},
    enableServiceLinks: true,
  });
  t.deepEqual(spec.volumes, [
    { name: 'scratch', emptyDir: {} },
    { name: 'settings', configMap: { name: 'c', defaultMode: 420 } },
  ] as typeof spec.volumes);
  t.like(spec.containers?.[0], {
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ports: [{ containerPort: 8080, protocol: 'TCP' }],
    livenessProbe: {
      httpGet: { path: '/', port: 8080, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
    resources: { limits: { cpu: '500m' }, requests: { cpu: '500m' } },
  });
  t.deepEqual(object.status, { phase: 'Pending', qosClass: 'Burstable' });
  t.is(object.metadata.generation, 1);
});

test('a signal to stop with is one of the operating system that the pod names', (t) => {
  const refusals = (stopSignal: string, name?: string) => {
    const os = name === undefined ? undefined : { name };
    return created(pod({ os, containers: [container({ lifecycle: { stopSignal } })] })).errors;
  };
  t.deepEqual(refusals('SIGUSR1', 'linux'), []);
  t.deepEqual(refusals('SIGRTMIN+15', 'linux'), []);
  t.deepEqual(refusals('SIGRTMAX-14', 'linux'), []);
  t.deepEqual(refusals('SIGTERM', 'windows'), []);
  t.regex(refusals('SIGUSR1')[0] ?? '', /lifecycle\.stopSignal: .*empty `spec\.os\.name`/);
  t.regex(
    refusals('SIGUSR1', 'windows')[0] ?? '',
    /Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"/,
  );
  for (const wrong of ['SIGRTMIN+16', 'SIGRTMAX-15', 'USR1', 'sigterm', '9'])
    t.regex(refusals(wrong, 'linux')[0] ?? '', /Unsupported value/, wrong);
});

test('an init container may say how it is resized, and a variable may name a field as very old clients do', (t) => {
  const env = [{ name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'spec.host' } } }];
  t.deepEqual(
    created(
      pod({
        initContainers: [
          container({ name: 'i', env, resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }),
        ],
      }),
    ).errors,
    [],
  );
});

test('with the network of the host, container ports are ports of the host', (t) => {
  const { object } = created(pod({ hostNetwork: true, containers: [container({ ports: [{ containerPort: 80 }] })] }));
  t.is(specOf(object).containers?.[0]?.ports?.[0]?.hostPort, 80);
});

test('a gated pod says so in its conditions', (t) => {
  const { object } = created(pod({ schedulingGates: [{ name: 'example.com/wait' }] }));
  t.like(podOf(object).status?.conditions?.[0], { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' });
});

test('the class of service follows from requests and limits', (t) => {
  const classOf = (resources: Body): unknown =>
    podOf(created(pod({ containers: [container({ resources })] })).object).status?.qosClass;
  t.is(classOf({}), 'BestEffort');
  t.is(classOf({ requests: { memory: '1Mi' } }), 'Burstable');
  t.is(classOf({ limits: { cpu: '1', memory: '1Gi' } }), 'Guaranteed');
});

const changes: readonly (readonly [string, (spec: NonNullable<Sent<Pod>['spec']>) => void, RegExp | undefined])[] = [
  [
    'another image',
    (spec) => {
      spec.containers = [{ ...spec.containers?.[0], image: 'shop:2' }];
    },
    undefined,
  ],
  [
    'one more toleration',
    (spec) => {
      spec.tolerations = [{ key: 'k', operator: 'Exists' }];
    },
    undefined,
  ],
  [
    'a first deadline',
    (spec) => {
      spec.activeDeadlineSeconds = 5;
    },
    undefined,
  ],
  [
    'one more container',
    (spec) => {
      spec.containers = [...(spec.containers ?? []), container({ name: 'two' })];
    },
    /^spec\.containers: Forbidden: pod updates may not add or remove containers$/,
  ],
  [
    'another node',
    (spec) => {
      spec.nodeName = 'n1';
    },
    new RegExp(
      '^spec: Forbidden: pod updates may not change fields other than `spec\\.containers\\[\\*\\]\\.image`.*\\n' +
        '\\u00a0\\u00a0core\\.PodSpec\\{\\n.*\\n-\\u00a0\\tNodeName: +"",\\n\\+\\u00a0\\tNodeName: +"n1",\\n',
      's',
    ),
  ],
  [
    'a new gate',
    (spec) => {
      spec.schedulingGates = [{ name: 'a/b' }];
    },
    /^spec\.schedulingGates\[0\]\.name: Forbidden: only deletion is allowed, but found new scheduling gate 'a\/b'$/,
  ],
];

for (const [what, change, refusal] of changes) {
  test(`a pod ${refusal === undefined ? 'may get' : 'may not get'} ${what}`, (t) => {
    const old = created(pod()).object;
    const { object, errors } = updated(old, (next) => {
      change(specOf(next));
    });
    if (refusal === undefined) {
      t.deepEqual(errors, []);
      t.is(object.metadata.generation, 2);
    } else t.regex(errors.join('|'), refusal);
  });
}

test('a write of the object leaves the status, and a write of the status leaves the spec', (t) => {
  const old = created(pod()).object;
  t.deepEqual(
    updated(old, (next) => {
      next['status'] = { phase: 'Failed' };
    }).object.status,
    old.status,
  );
  const { object, errors } = updated(
    old,
    (next) => {
      next['spec'] = {};
      next['status'] = { phase: 'Running', podIP: '10.1.1.1' };
    },
    'status',
  );
  t.deepEqual(errors, []);
  t.deepEqual(object.spec, old.spec);
  t.deepEqual(object.status, {
    phase: 'Running',
    podIP: '10.1.1.1',
    podIPs: [{ ip: '10.1.1.1' }],
    qosClass: 'BestEffort',
  });
});

test('a status says who its containers run as, and nothing that is off by default', (t) => {
  const status = {
    name: 'web',
    user: { linux: { uid: -1, gid: 2, supplementalGroups: [-3] } },
    allocatedResourcesStatus: [{ name: 'cpu' }],
  };
  const write = (next: JsonObject): void => {
    next['status'] = {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }],
      containerStatuses: [status],
    };
  };
  const range = 'must be between 0 and 2147483647, inclusive';
  const { object, errors } = updated(created(pod()).object, write, 'status');
  t.deepEqual(errors, [
    `status.containerStatuses[0].linux.supplementalGroups[0]: Invalid value: -3: ${range}`,
    `status.containerStatuses[0].linux.uid: Invalid value: -1: ${range}`,
  ]);
  const { allocatedResourcesStatus: _dropped, ...kept } = status;
  t.like(object.status, { conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [kept] });
  t.is(podOf(object).status?.observedGeneration, undefined);
  const windows = updated(created(pod({ os: { name: 'windows' } })).object, write, 'status');
  t.deepEqual(windows.errors, ['status.containerStatuses[0].linux: Forbidden: cannot be set for a windows pod']);
});

test('a container that ended for good cannot come back', (t) => {
  const start = created(pod({ restartPolicy: 'Never' })).object;
  const ended = {
    ...start,
    status: {
      phase: 'Failed',
      qosClass: 'BestEffort',
      containerStatuses: [{ name: 'web', state: { terminated: { exitCode: 1 } } }],
    },
  } as unknown as KubeObject;
  const { errors } = updated(
    ended,
    (next) => {
      next['status'] = { phase: 'Running', containerStatuses: [{ name: 'web', state: { running: {} } }] };
    },
    'status',
  );
  t.deepEqual(errors, [
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ]);
});

test('ephemeral containers come through their own way, and stay', (t) => {
  const old = created(pod()).object;
  const first = updated(
    old,
    (next) => {
      specOf(next).ephemeralContainers = [container({ name: 'debug' })];
    },
    'ephemeralcontainers',
  );
  t.deepEqual(first.errors, []);
  const { errors } = updated(
    first.object,
    (next) => {
      delete specOf(next).ephemeralContainers;
    },
    'ephemeralcontainers',
  );
  t.deepEqual(errors, [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
  ]);
});

test('a resize changes amounts and nothing else', (t) => {
  const old = created(
    pod({ containers: [container({ resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } })] }),
  ).object;
  const more = updated(
    old,
    (next) => {
      specOf(next).containers = [
        container({ image: 'other', resources: { requests: { cpu: '1500m' }, limits: { cpu: '2' } } }),
      ];
    },
    'resize',
  );
  t.deepEqual(more.errors, []);
  t.like(specOf(more.object).containers?.[0], {
    image: 'shop:1',
    resources: { requests: { cpu: '1500m' }, limits: { cpu: '2' } },
  });
  const none = updated(
    old,
    (next) => {
      specOf(next).containers = [container({ resources: { requests: { cpu: '1' } } })];
    },
    'resize',
  );
  t.deepEqual(none.errors, ['spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed']);
});

const shown: readonly (readonly [string, Body, readonly unknown[]])[] = [
  [
    'runs',
    {
      phase: 'Running',
      podIPs: [{ ip: '10.0.0.9' }],
      containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: {} } }],
    },
    ['x', '1/1', 'Running', '0', '60m', '10.0.0.9', '<none>', '<none>', '<none>'],
  ],
  [
    'crashes',
    {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'web',
          ready: false,
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: '2024-01-01T00:58:00Z' } },
        },
      ],
    },
    ['x', '0/1', 'CrashLoopBackOff', '3 (2m ago)', '60m', '<none>', '<none>', '<none>', '<none>'],
  ],
  [
    'initialises',
    { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} } }] },
    ['x', '0/1', 'Init:0/1', '0', '60m', '<none>', '<none>', '<none>', '<none>'],
  ],
  [
    'is done',
    {
      phase: 'Succeeded',
      containerStatuses: [{ name: 'web', ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
    },
    ['x', '0/1', 'Completed', '0', '60m', '<none>', '<none>', '<none>', '<none>'],
  ],
];

for (const [what, status, cells] of shown) {
  test(`the row of a pod that ${what}`, (t) => {
    const { object } = created(pod({ initContainers: [container({ name: 'i' })] }));
    t.deepEqual(rowOf({ ...object, status }), cells);
  });
}

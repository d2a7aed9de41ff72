import test from 'ava';
import { type Change, object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const attachment = object('storage.k8s.io/v1', 'VolumeAttachment', {
  spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
});

const csiNode = object('storage.k8s.io/v1', 'CSINode', {
  spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: [] }] },
});

const refusals: readonly Refusal[] = [
  [
    'a storage class that recycles',
    object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b', reclaimPolicy: 'Recycle' }),
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    'a driver with two tokens for one audience',
    object('storage.k8s.io/v1', 'CSIDriver', {
      spec: {
        tokenRequests: [
          { audience: 'a', expirationSeconds: 1 },
          { audience: 'a', expirationSeconds: 1 },
        ],
      },
    }),
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
    ],
  ],
  [
    'a node with a driver of a topology without a name',
    object('storage.k8s.io/v1', 'CSINode', { spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: [''] }] } }),
    [
      'spec.drivers[0]: Required value',
      'spec.drivers[0]: Invalid value: "": name part must be non-empty',
      "spec.drivers[0]: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or " +
        "'.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc'," +
        " regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'an attachment of a volume without a name',
    object('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: '-' } },
    }),
    [
      'spec.source.persistentVolumeName: Invalid value: "-": a lowercase RFC 1123 subdomain must consist of ' +
        "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a storage class for the same places twice',
    object('storage.k8s.io/v1', 'StorageClass', {
      provisioner: 'a/b',
      allowedTopologies: [
        { matchLabelExpressions: [{ key: 'z', values: ['a', 'b'] }] },
        { matchLabelExpressions: [{ key: 'z', values: ['b', 'a'] }] },
      ],
    }),
    ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ],
  [
    'a storage class for no place',
    object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b', allowedTopologies: [{}] }),
    ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

/** Upstream checks some kinds more than once at an update, and so says the same more than once. */
const changes: readonly Change[] = [
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
];

for (const [what, body, fields, expected] of changes) {
  test(`changed, ${what}`, (t) => {
    const { errors } = updated(created(body).object, (next) => {
      Object.assign(next, fields);
    });
    t.deepEqual([...errors].sort(), [...expected].sort());
  });
}

test('what a storage class does to volumes never changes', (t) => {
  const { object: storageClass } = created(object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b' }));
  t.deepEqual(
    updated(storageClass, (next) => {
      next['provisioner'] = 'a/c';
    }).errors,
    ['provisioner: Forbidden: updates to provisioner are forbidden.'],
  );
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

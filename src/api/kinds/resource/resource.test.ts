import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, rowOf, updated } from '../testing/checked.ts';
import { toFirst, toSecond } from './versions.ts';

const first = 'resource.k8s.io/v1beta1';
const second = 'resource.k8s.io/v1beta2';

const claim = (devices: JsonObject, apiVersion = first): JsonObject =>
  object(apiVersion, 'ResourceClaim', { spec: { devices } });
const one = (request: JsonObject): JsonObject => claim({ requests: [{ name: 'r', deviceClassName: 'c', ...request }] });
const slice = (spec: JsonObject): JsonObject =>
  object(first, 'ResourceSlice', {
    spec: {
      driver: 'd.example.com',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      nodeName: 'n',
      ...spec,
    },
  });
const device = (basic: JsonObject): JsonObject => slice({ devices: [{ name: 'a', basic }] });
const reference =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

const refusals: readonly Refusal[] = [
  [
    'a request without a class',
    claim({ requests: [{ name: 'r' }] }),
    ['spec.devices.requests[0].deviceClassName: Required value'],
  ],
  [
    'a request of that form in v1beta2 without a class',
    claim({ requests: [{ name: 'r', exactly: {} }] }, second),
    ['spec.devices.requests[0].exactly.deviceClassName: Required value'],
  ],
  [
    'a request of v1beta2 in no form',
    claim({ requests: [{ name: 'r' }] }, second),
    ['spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required'],
  ],
  [
    'two requests of one name',
    claim({
      requests: [
        { name: 'r', deviceClassName: 'c' },
        { name: 'r', deviceClassName: 'c' },
      ],
    }),
    ['spec.devices.requests[1].name: Duplicate value: "r"'],
  ],
  [
    'a number of devices where all are asked for',
    one({ allocationMode: 'All', count: 2 }),
    ["spec.devices.requests[0].count: Invalid value: 2: must not be specified when allocationMode is 'All'"],
  ],
  [
    'less than one device',
    one({ count: -1 }),
    ['spec.devices.requests[0].count: Invalid value: -1: must be greater than zero'],
  ],
  [
    'an unknown way to allocate',
    one({ allocationMode: 'Some' }),
    ['spec.devices.requests[0].allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"'],
  ],
  [
    'a selector without a condition',
    one({ selectors: [{}] }),
    ['spec.devices.requests[0].selectors[0].cel: Required value'],
  ],
  [
    'a condition that gives no truth value',
    one({ selectors: [{ cel: { expression: 'device.driver' } }] }),
    [
      'spec.devices.requests[0].selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool ' +
        'but got string',
    ],
  ],
  [
    'a class beside alternatives',
    one({ firstAvailable: [{ name: 's', deviceClassName: 'c' }] }),
    [
      'spec.devices.requests[0]: Invalid value: "null": a request has either alternatives in `firstAvailable` or a ' +
        '`deviceClassName`, not both',
    ],
  ],
  [
    'a constraint on a request that there is not',
    claim({ requests: [{ name: 'r', deviceClassName: 'c' }], constraints: [{ requests: ['x'], matchAttribute: 'a' }] }),
    [
      'spec.devices.constraints[0].matchAttribute: Invalid value: "a": must include a domain',
      `spec.devices.constraints[0].requests[0]: Invalid value: "x": ${reference}`,
    ],
  ],
  [
    'settings without a driver, and of another kind than an object',
    claim({ config: [{ opaque: { parameters: [1] } }] }),
    [
      'spec.devices.config[0].opaque.driver: Required value',
      'spec.devices.config[0].opaque.parameters: Invalid value: must be a valid JSON object',
    ],
  ],
  [
    'a class with a condition that does not compile',
    object(first, 'DeviceClass', { spec: { selectors: [{ cel: { expression: 'device.size' } }] } }),
    [
      'spec.selectors[0].cel.expression: Invalid value: "device.size": compilation failed: ERROR: <input>:1:7: ' +
        "undefined field 'size'\n | device.size\n | ......^",
    ],
  ],
  [
    'a template whose claims get more than labels and annotations',
    object(first, 'ResourceClaimTemplate', { spec: { metadata: { name: 'x' }, spec: {} } }),
    ['spec.metadata.name: Forbidden: cannot be set'],
  ],
  [
    'a slice for no node, of an unfinished pool',
    slice({ nodeName: '', pool: { name: 'p', generation: -1, resourceSliceCount: 0 } }),
    [
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to 0',
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required',
    ],
  ],
  [
    'a slice for one node and for all',
    slice({ allNodes: true }),
    [
      'spec: Invalid value: "null": exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required, but ' +
        'multiple fields are set',
    ],
  ],
  [
    'a device with an attribute of two values, of none and of no version',
    device({ attributes: { a: { int: 1, string: 'x' }, b: {}, c: { version: '1' } } }),
    [
      'spec.devices[0].basic.attributes[a]: Invalid value: {"int":1,"string":"x"}: exactly one value must be specified',
      'spec.devices[0].basic.attributes[b]: Required value: exactly one value must be specified',
      'spec.devices[0].basic.attributes[c].version: Invalid value: "1": must be a string compatible with semver.org ' +
        'spec 2.0.0',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

test('a request means one device unless it says otherwise', (t) => {
  const requests = [
    { name: 'a', deviceClassName: 'c' },
    { name: 'b', deviceClassName: 'c', allocationMode: 'All' },
    { name: 'd', firstAvailable: [{ name: 's', deviceClassName: 'c' }] },
  ];
  t.like(created(claim({ requests })).object['spec'], {
    devices: {
      requests: [
        { name: 'a', allocationMode: 'ExactCount', count: 1 },
        { name: 'b', allocationMode: 'All' },
        { name: 'd', firstAvailable: [{ name: 's', allocationMode: 'ExactCount', count: 1 }] },
      ],
    },
  });
  const exact = created(claim({ requests: [{ name: 'a', exactly: { deviceClassName: 'c' } }] }, second));
  t.deepEqual(exact.errors, []);
  t.like(exact.object['spec'], { devices: { requests: [{ name: 'a', exactly: { count: 1 } }] } });
});

test('a claim asks for the same as long as it lives', (t) => {
  const old = created(one({})).object;
  const { errors } = updated(old, (next) => {
    next['spec'] = { devices: { requests: [{ name: 'q', deviceClassName: 'c' }] } };
  });
  t.is(errors.length, 1);
  t.regex(errors[0] ?? '', /^spec: Invalid value: .*: field is immutable$/);
});

const result = { request: 'r', driver: 'd.example.com', pool: 'p', device: 'a' };
const pod = (uid: string): JsonObject => ({ resource: 'pods', name: 'web', uid });

test('a status tells what was allocated to whom, and takes it back only as a whole', (t) => {
  const old = created(one({})).object;
  const status = (value: JsonObject, of = old): ReturnType<typeof updated> =>
    updated(of, (next) => (next['status'] = value), 'status');
  t.deepEqual(status({ reservedFor: [pod('u')] }).errors, [
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ]);
  t.deepEqual(status({ allocation: { devices: { results: [{ ...result, request: 'x' }] } } }).errors, [
    `status.allocation.devices.results[0].request: Invalid value: "x": ${reference}`,
  ]);
  const allocation = { devices: { results: [result] } };
  const given = status({ allocation, reservedFor: [pod('u')] });
  t.deepEqual(given.errors, []);
  t.is(rowOf(given.object)[1], 'allocated,reserved');
  t.is(rowOf(old)[1], 'pending');
  t.regex(
    status({ allocation: { devices: { results: [{ ...result, device: 'b' }] } } }, given.object).errors[0] ?? '',
    /^status.allocation: Invalid value: .*: field is immutable$/,
  );
  t.deepEqual(
    status({ allocation, devices: [{ driver: 'd.example.com', pool: 'p', device: 'z' }] }, given.object).errors,
    ['status.devices[0]: Invalid value: "d.example.com/p/z": must be an allocated device in the claim'],
  );
  const back = status({ devices: [{ driver: 'd.example.com', pool: 'p', device: 'a' }] }, given.object);
  t.deepEqual([back.errors, back.object['status']], [[], {}]);
});

test('a claim that is being deleted is given to nobody more', (t) => {
  const allocation = { devices: { results: [result] } };
  const old = { ...created(one({})).object, status: { allocation, reservedFor: [pod('u')] } };
  const ending = { ...old, metadata: { ...old.metadata, deletionTimestamp: '2024-01-01T00:00:00Z' } };
  const { errors } = updated(
    ending,
    (next) => {
      next['status'] = { allocation, reservedFor: [pod('u'), pod('v')] };
    },
    'status',
  );
  t.deepEqual(errors, [
    'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or ' +
      '`deletionTimestamp` are set',
  ]);
});

test('a slice shows its place and stays with it', (t) => {
  const made = created(device({ attributes: { model: { string: 'x' } }, capacity: { memory: { value: '1Gi' } } }));
  t.deepEqual(made.errors, []);
  t.deepEqual(rowOf(made.object), ['x', 'n', 'd.example.com', 'p', '60m']);
  const { errors } = updated(made.object, (next) => {
    next['spec'] = { ...(next['spec'] as JsonObject), nodeName: 'm', driver: 'e.example.com' };
  });
  t.deepEqual(errors, [
    'spec.driver: Invalid value: "e.example.com": field is immutable',
    'spec.nodeName: Invalid value: "m": field is immutable',
  ]);
});

test('an object of v1beta2 is the same after it was stored', (t) => {
  const objects: readonly JsonObject[] = [
    {
      ...claim(
        {
          requests: [
            { name: 'a', exactly: { deviceClassName: 'c', allocationMode: 'ExactCount', count: 2 } },
            { name: 'b', firstAvailable: [{ name: 's', deviceClassName: 'c' }] },
          ],
        },
        second,
      ),
      metadata: { name: 'x' },
    },
    object(second, 'ResourceSlice', { spec: { devices: [{ name: 'd', attributes: { a: { int: 1 } } }] } }),
    object(second, 'ResourceClaimTemplate', {
      spec: { spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'c' } }] } } },
    }),
  ];
  for (const body of objects) {
    const stored = toFirst(structuredClone(body));
    t.is(stored['apiVersion'], first);
    t.deepEqual(toSecond(structuredClone(stored)), body);
  }
  t.like(toFirst(structuredClone(objects[1] as JsonObject)), {
    spec: { devices: [{ name: 'd', basic: { attributes: { a: { int: 1 } } } }] },
  });
});

test('a claim has no more expressions than can be compiled in one go', (t) => {
  const text = (length: number): JsonObject => ({ cel: { expression: `device.driver != "${'x'.repeat(length)}"` } });
  const asking = (count: number, length: number): JsonObject =>
    claim({
      requests: Array.from({ length: count }, (_, index) => ({
        name: `r${index}`,
        deviceClassName: 'c',
        selectors: Array.from({ length: 32 }, () => text(length)),
      })),
    });
  t.deepEqual(created(asking(12, 1)).errors, []);
  t.deepEqual(created(asking(13, 1)).errors, ['spec.devices: Invalid value: 416 expressions: the limit is 400']);
  t.regex(created(asking(1, 2_000)).errors[0] ?? '', /^spec.devices: Invalid value: \d+ characters of expressions: /);
});

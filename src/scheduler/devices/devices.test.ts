import test from 'ava';
import fc from 'fast-check';
import type { DeviceClaim, ResourceClaim } from '../../api/index.ts';
import { aCluster, aNode, aPod, place } from '../cluster.fixture.ts';
import { allocate } from './allocator.ts';
import { DeviceBook } from './device-book.ts';
import {
  aDeviceClaim,
  aDeviceClass,
  aSlice,
  driver,
  type Requests,
  shownResults,
  sourcesOf,
} from './devices.fixture.ts';
import { type ClaimBinding, claimsOn, podDevices, searchBudget } from './pod-devices.ts';
import { DevicePools } from './pools.ts';

type Objects = Parameters<typeof sourcesOf>[0];

const podWith = (...claims: readonly string[]): ReturnType<typeof aPod> =>
  aPod({ spec: { containers: [], resourceClaims: claims.map((name) => ({ name, resourceClaimName: name })) } });

/** What a pod with all of the claims gets on node `n`, or why it gets nothing. */
function given(objects: Objects, node = 'n'): string | readonly ClaimBinding[] {
  const book = new DeviceBook(sourcesOf(objects));
  const pod = podWith(...(objects.claims ?? []).map(({ metadata }) => metadata.name));
  const devices = podDevices(pod, book);
  if ('refusal' in devices) return devices.refusal;
  const state = aCluster([aNode(node, { labels: { zone: 'a' } })]).nodes.get(node);
  if (state === undefined) return 'no node';
  const found = claimsOn(devices, state, { book, budget: searchBudget() });
  return 'reason' in found ? found.reason : found;
}

const shown = (objects: Objects): string | readonly string[] => {
  const found = given(objects);
  return typeof found === 'string' ? found : found.flatMap(({ allocation }) => shownResults(allocation));
};

const own = (attribute: string): string => `device.attributes["${driver}"].${attribute}`;
const classes = [aDeviceClass('c'), aDeviceClass('big', [`${own('size')} > 5`])];
const sized = [
  ['a', { size: 1, side: 'left' }],
  ['b', { size: 9, side: 'left' }],
  ['d', { size: 7, side: 'right' }],
  ['e', { size: 3, side: 'right' }],
] as const;
const select = (expression: string, more: object = {}): object => ({
  deviceClassName: 'c',
  allocationMode: 'ExactCount',
  count: 1,
  selectors: [{ cel: { expression } }],
  ...more,
});
const all = { deviceClassName: 'c', allocationMode: 'All' };
const big = { deviceClassName: 'big', allocationMode: 'ExactCount', count: 1 };
const sameSide = { constraints: [{ matchAttribute: `${driver}/side` }] };

/** What a claim asks for, of the four devices above, and what it gets. */
const rows: readonly (readonly [
  what: string,
  requests: Requests,
  got: string | readonly string[],
  more?: DeviceClaim,
])[] = [
  ['one device', { r: 1 }, ['r=n/a']],
  ['several devices are different ones', { r: 2, s: 2 }, ['r=n/a', 'r=n/b', 's=n/d', 's=n/e']],
  ['more devices than there are', { r: 5 }, 'cannot allocate all claims'],
  ['a device of a class', { r: big }, ['r=n/b']],
  [
    'a condition beside the class',
    { r: { ...big, selectors: [{ cel: { expression: `${own('size')} < 9` } }] } },
    ['r=n/d'],
  ],
  ['an earlier request leaves what a later one needs', { r: 3, s: big }, ['r=n/a', 'r=n/b', 'r=n/e', 's=n/d']],
  ['all devices', { r: all }, ['r=n/a', 'r=n/b', 'r=n/d', 'r=n/e']],
  ['all devices of a class', { r: { ...big, allocationMode: 'All', count: undefined } }, ['r=n/b', 'r=n/d']],
  ['all of a kind that there is not', { r: select('false', { allocationMode: 'All' }) }, 'cannot allocate all claims'],
  ['two devices of one side', { r: 1, s: big }, ['r=n/a', 's=n/b'], sameSide],
  ['two large devices of one side', { r: { ...big, count: 2 } }, 'cannot allocate all claims', sameSide],
  [
    'a constraint on other requests',
    { r: { ...big, count: 2 }, s: 1, t: 1 },
    ['r=n/b', 'r=n/d', 's=n/a', 't=n/e'],
    { constraints: [{ requests: ['r', 'x'], matchAttribute: `${driver}/none` }].slice(1) },
  ],
  [
    'a constraint on an attribute that devices lack',
    { r: 1 },
    'cannot allocate all claims',
    { constraints: [{ matchAttribute: 'other.example.com/side' }] },
  ],
  [
    'the first alternative that there is',
    {
      r: {
        firstAvailable: [
          { name: 'huge', ...select(`${own('size')} > 90`) },
          { name: 'large', ...big },
        ],
      },
    },
    ['r/large=n/b'],
  ],
  [
    'an alternative that leaves enough for the others',
    {
      r: {
        firstAvailable: [
          { name: 'four', ...select('true', { count: 4 }) },
          { name: 'one', ...big },
        ],
      },
      s: 3,
    },
    ['r/one=n/b', 's=n/a', 's=n/d', 's=n/e'],
  ],
  [
    'a condition that fails',
    { r: select(`${own('colour')} == "red"`) },
    'request r: a selector fails for device e: no such key: colour',
  ],
  [
    'a class that there is not',
    { r: { deviceClassName: 'x' } },
    'resourceclaim "k", request r: device class "x" does not exist',
  ],
];

for (const [what, requests, got, more] of rows)
  test(`a claim on ${what}`, (t) => {
    t.deepEqual(shown({ claims: [aDeviceClaim('k', requests, more)], slices: [aSlice('n', sized)], classes }), got);
  });

const allocated = (claim: ResourceClaim, devices: readonly string[], more: object = {}): ResourceClaim => ({
  ...claim,
  status: {
    allocation: {
      devices: { results: devices.map((device) => ({ request: 'r', driver, pool: 'n', device, ...more })) },
    },
  },
});

test('a device is given once, but administrators may look at it', (t) => {
  const slices = [aSlice('n', ['a', 'b'])];
  const taken = allocated(aDeviceClaim('other', { r: 1 }), ['a']);
  const want = (requests: Requests): string | readonly string[] => {
    const book = new DeviceBook(sourcesOf({ claims: [taken, aDeviceClaim('k', requests)], slices }));
    const devices = podDevices(podWith('k'), book);
    const node = aCluster([aNode('n')]).nodes.get('n');
    if ('refusal' in devices || node === undefined) return 'refused';
    const found = claimsOn(devices, node, { book, budget: searchBudget() });
    return 'reason' in found ? found.reason : found.flatMap(({ allocation }) => shownResults(allocation));
  };
  t.deepEqual(want({ r: 1 }), ['r=n/b']);
  t.is(want({ r: 2 }), 'cannot allocate all claims');
  t.is(want({ r: all }), 'cannot allocate all claims');
  t.deepEqual(want({ r: { ...all, adminAccess: true } }), ['r=n/a', 'r=n/b']);
  const looking = allocated(aDeviceClaim('other', { r: 1 }), ['a'], { adminAccess: true });
  t.deepEqual(new DeviceBook(sourcesOf({ claims: [looking] })).isTaken(`${driver}/n/a`), false);
});

test('only complete pools of the newest generation count', (t) => {
  const claims = [aDeviceClaim('k', { r: 1 })];
  t.is(shown({ claims, slices: [aSlice('n', ['a'], { count: 2 })] }), 'cannot allocate all claims');
  t.deepEqual(shown({ claims, slices: [aSlice('n', ['a']), aSlice('n', ['b'], { generation: 2 })] }), ['r=n/b']);
  t.is(
    shown({ claims, slices: [aSlice('n', ['a']), aSlice('n', ['b'], { generation: 2, count: 2 })] }),
    'cannot allocate all claims',
  );
  const twice = [aSlice('n', ['a'], { count: 2 }), aSlice('n', ['a'], { count: 2 })];
  t.is(shown({ claims, slices: twice }), 'cannot allocate all claims');
  const every = [aDeviceClaim('k', { r: all })];
  const slices = [aSlice('n', ['a']), aSlice('p', ['b'], { count: 2, reach: { allNodes: true } })];
  t.is(shown({ claims: every, slices }), 'a pool of devices is being published');
});

test('an allocation says which nodes reach it, and what drivers are told', (t) => {
  const zone = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }] } as const;
  const elsewhere = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] }],
  } as const;
  const opaque = (driverName: string): { readonly opaque: { driver: string; parameters: object } } => ({
    opaque: { driver: driverName, parameters: { kind: 'K' } },
  });
  const config = [
    { requests: ['r'], ...opaque('one') },
    { requests: ['s'], ...opaque('two') },
  ];
  const claims = [aDeviceClaim('k', { r: 1 }, { config: config.slice(0, 1) })];
  const inClass = aDeviceClass('c');
  const withConfig = [{ ...inClass, spec: { ...inClass.spec, config: [opaque('of-class')] } }];
  const get = (slices: Objects['slices']): unknown => {
    const found = given({ claims, slices: slices ?? [], classes: withConfig });
    return typeof found === 'string' ? found : JSON.parse(JSON.stringify(found[0]?.allocation));
  };
  const devices = (pool: string): object => ({
    results: [{ request: 'r', driver, pool, device: 'a' }],
    config: [
      { source: 'FromClass', requests: ['r'], ...opaque('of-class') },
      { source: 'FromClaim', requests: ['r'], ...opaque('one') },
    ],
  });
  t.deepEqual(get([aSlice('n', ['a'])]), {
    devices: devices('n'),
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }] },
  });
  t.deepEqual(
    get([
      aSlice('x', ['a'], { reach: { nodeSelector: elsewhere } }),
      aSlice('p', ['a'], { reach: { nodeSelector: zone } }),
    ]),
    {
      devices: devices('p'),
      nodeSelector: zone,
    },
  );
  t.deepEqual(get([aSlice('p', ['a'], { reach: { allNodes: true } })]), { devices: devices('p') });
});

test('what was decided on and is not written yet is taken, until its pod is bound or is not', (t) => {
  const claim = aDeviceClaim('k', { r: 1 });
  const book = new DeviceBook(sourcesOf({ claims: [claim] }));
  const key = `${driver}/n/a`;
  const allocation = allocated(claim, ['a']).status?.allocation ?? { devices: {} };
  book.assume('p', claim, allocation);
  book.assume('q', claim, allocation);
  t.true(book.isTaken(key));
  t.is(book.allocationOf(claim), allocation);
  t.false(book.forget('p'));
  t.true(book.isTaken(key));
  t.true(book.forget('q'));
  t.false(book.isTaken(key));
});

test('a claim that loses its devices in the API keeps them for the pods that are being bound', (t) => {
  const key = `${driver}/n/a`;
  const free = aDeviceClaim('k', { r: 1 });
  const objects = { claims: [free] };
  const book = new DeviceBook(sourcesOf(objects));
  book.assume('p', free, allocated(free, ['a']).status?.allocation ?? { devices: {} });
  objects.claims = [allocated(free, ['a'])];
  const sources = sourcesOf(objects);
  Object.assign(book.sources, sources);
  book.claimChanged('ns', 'k');
  t.true(book.isTaken(key));
  Object.assign(book.sources, sourcesOf({ claims: [free] }));
  book.claimChanged('ns', 'k');
  // The pod that is being bound gives the claim its devices again.
  t.true(book.isTaken(key));
  book.forget('p');
  t.false(book.isTaken(key));
});

test('a search that would take too long ends', (t) => {
  const names = Array.from({ length: 40 }, (_, index) => [`d${String(index)}`, { side: String(index) }] as const);
  const claims = [aDeviceClaim('k', { r: 16 }, { constraints: [{ matchAttribute: `${driver}/side` }] })];
  t.is(shown({ claims, slices: [aSlice('n', names)] }), 'cannot allocate all claims');
  const parity = names.map(([name], index) => [name, { side: index < 20 ? 'l' : 'r' }] as const);
  const many = [aDeviceClaim('k', { r: 12, s: 12 }, { constraints: [{ matchAttribute: `${driver}/side` }] })];
  t.is(shown({ claims: many, slices: [aSlice('n', parity)] }), 'the search for devices took too long');
});

test('devices are found exactly when there are some, and none twice', (t) => {
  const sides = fc.constantFrom('l', 'r');
  const devices = fc.array(fc.record({ size: fc.integer({ min: 0, max: 3 }), side: sides }), { maxLength: 6 });
  const requests = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 2 }), size: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(devices, requests, fc.boolean(), (published, wanted, constrained) => {
      const slice = aSlice(
        'n',
        published.map((attributes, index) => [`d${String(index)}`, attributes] as const),
      );
      const claim = aDeviceClaim(
        'k',
        Object.fromEntries(
          wanted.map(({ count, size }, index) => [
            `r${String(index)}`,
            select(`${own('size')} >= ${String(size)}`, { count }),
          ]),
        ),
        constrained ? { constraints: [{ matchAttribute: `${driver}/side` }] } : {},
      );
      const found = shown({ claims: [claim], slices: [slice] });
      // The naive answer: every way to give devices to slots.
      const slots = wanted.flatMap(({ count, size }) => Array.from({ length: count }, () => size));
      const exists = (slot: number, used: readonly number[]): boolean =>
        slot === slots.length ||
        published.some(
          ({ size, side }, index) =>
            !used.includes(index) &&
            size >= (slots[slot] ?? 0) &&
            (!constrained || used.every((other) => published[other]?.side === side)) &&
            exists(slot + 1, [...used, index]),
        );
      if (typeof found === 'string') return !exists(0, []);
      const names = found.map((result) => result.split('=')[1]);
      return exists(0, []) && names.length === slots.length && new Set(names).size === names.length;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('a pod goes where its devices are, and says why it has no place', (t) => {
  const claims = [aDeviceClaim('k', { r: 1 }), allocated(aDeviceClaim('have', { r: 1 }), ['x'])];
  const pinned = {
    ...(claims[1] as ResourceClaim),
    status: {
      allocation: {
        devices: {},
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] }],
        },
      },
    },
  } as ResourceClaim;
  const sources = sourcesOf({ claims: [claims[0] as ResourceClaim, pinned], slices: [aSlice('n', ['a'])] });
  const cluster = aCluster([aNode('m'), aNode('n')], { devices: sources });
  t.is(place(cluster, podWith('k')), 'n');
  t.is(place(cluster, podWith('have')), 'm');
  t.is(
    place(cluster, podWith('k', 'have')),
    '0/2 nodes are available: 1 cannot allocate all claims, 1 resourceclaim not available on the node.',
  );
  t.is(place(cluster, podWith('gone')), '0/2 nodes are available: resourceclaim "gone" not found.');
  const made = aPod({ spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] } });
  t.is(place(cluster, made), '0/2 nodes are available: resourceclaim for "gpu" is not made yet.');
});

test('the budget of a search is shared by the nodes that are looked at', (t) => {
  const slice = aSlice('n', ['a', 'b']);
  const reachable = new DevicePools([slice]).of(aCluster([aNode('n')]).nodes.get('n') as never);
  const budget = { left: 1, cost: { left: 1_000 } };
  const wish = { request: 'r', className: 'c', expressions: [], count: 2, admin: false };
  const claims = [{ claim: aDeviceClaim('k', { r: 2 }), requests: [[wish]] }];
  t.deepEqual(allocate(claims, { reachable, isTaken: () => false, budget }), {
    reason: 'the search for devices took too long',
  });
});

test('conditions that cost too much end the search, which goes on with the next try', (t) => {
  const dear = `[${'1,'.repeat(60)}1].all(a, [${'1,'.repeat(60)}1].all(b, [1,1,1,1,1,1,1,1].all(c, a + b + c > 0)))`;
  const names = Array.from({ length: 128 }, (_, index) => `d${String(index)}`);
  const slices = [aSlice('n', names)];
  const claims = [aDeviceClaim('k', { r: select(`${dear} && false`) })];
  const tries: unknown[] = [];
  for (let count = 0; count < 30 && tries.at(-1) !== 'cannot allocate all claims'; count++)
    tries.push(shown({ claims, slices }));
  t.is(tries[0], 'the search for devices took too long');
  t.is(tries.at(-1), 'cannot allocate all claims');
});

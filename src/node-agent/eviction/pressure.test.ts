import test from 'ava';
import { NodeSettingError } from '../node-setting.ts';
import { memoryRoom, processRoom, readMachine, simulatedRoom } from './machine-room.ts';
import { isRelieved, noPressure, type Observations, type PressureState, stepPressure } from './pressure.ts';
import { roomFinding } from './room-finding.ts';
import { type EvictionPolicy, evictionPolicy, heldBack, type Signal } from './thresholds.ts';

const gibi = 2 ** 30;
const seen = (...rooms: readonly (readonly [Signal, available: number, capacity: number])[]): Observations =>
  new Map(rooms.map(([signal, available, capacity]) => [signal, { available, capacity }]));
const memory = (available: number): Observations => seen(['memory.available', available, 10 * gibi]);
const step = (
  state: PressureState,
  policy: EvictionPolicy,
  [observations, now]: readonly [Observations, number],
): ReturnType<typeof stepPressure> => stepPressure(state, policy, { observations, now });

test('the thresholds of a kubelet hold where the settings name none', (t) => {
  const policy = evictionPolicy({});
  const crossed = (observations: Observations): string | undefined =>
    step(noPressure, policy, [observations, 0]).shortage?.threshold.signal;
  const mebi = 2 ** 20;
  t.is(crossed(memory(100 * mebi - 1)), 'memory.available');
  t.is(crossed(memory(100 * mebi)), undefined);
  t.is(crossed(seen(['nodefs.available', 9, 100])), 'nodefs.available');
  t.is(crossed(seen(['nodefs.inodesFree', 4, 100])), 'nodefs.inodesFree');
  t.is(crossed(seen(['imagefs.available', 14, 100])), 'imagefs.available');
  t.is(crossed(seen(['imagefs.inodesFree', 5, 100])), undefined);
  t.is(crossed(seen(['pid.available', 0, 100])), undefined);
  t.is(policy.transitionMs, 300_000);
});

test('a node is under pressure at once, and for the period of transition after it was so last', (t) => {
  const policy = evictionPolicy({ evictionHard: { 'memory.available': '1Gi' } });
  const pressed = step(noPressure, policy, [memory(gibi - 1), 1000]);
  t.deepEqual(pressed.pressures, ['MemoryPressure']);
  const free = step(pressed.state, policy, [memory(2 * gibi), 300_999]);
  t.deepEqual(free.pressures, ['MemoryPressure']);
  t.is(free.shortage, undefined);
  t.deepEqual(step(free.state, policy, [memory(2 * gibi), 301_000]).pressures, []);
});

test('a soft threshold shows at once and evicts when it has lasted for its grace period', (t) => {
  const policy = evictionPolicy({
    evictionHard: {},
    evictionSoft: { 'memory.available': '2Gi' },
    evictionSoftGracePeriod: { 'memory.available': '1m30s' },
  });
  const first = step(noPressure, policy, [memory(gibi), 0]);
  t.deepEqual(first.pressures, ['MemoryPressure']);
  t.is(first.shortage, undefined);
  const early = step(first.state, policy, [memory(gibi), 89_999]);
  t.is(early.shortage, undefined);
  const late = step(early.state, policy, [memory(gibi), 90_000]);
  t.like(late.shortage, { scarce: 'memory', threshold: { hard: false } });
  const relaxed = step(early.state, policy, [memory(3 * gibi), 90_000]);
  t.is(step(relaxed.state, policy, [memory(gibi), 100_000]).shortage, undefined, 'it begins anew');
});

test('what is due stays so until the minimum is reclaimed, too', (t) => {
  const policy = evictionPolicy({
    evictionHard: { 'memory.available': '1Gi' },
    evictionMinimumReclaim: { 'memory.available': '1Gi' },
  });
  const between = memory(1.5 * gibi);
  t.is(step(noPressure, policy, [between, 0]).shortage, undefined);
  const pressed = step(noPressure, policy, [memory(0.5 * gibi), 0]);
  t.is(step(pressed.state, policy, [between, 10_000]).shortage?.scarce, 'memory');
  t.is(step(pressed.state, policy, [memory(2 * gibi), 10_000]).shortage, undefined);
  t.false(isRelieved(policy, between));
  t.true(isRelieved(policy, memory(2 * gibi)));
});

test('memory goes before disk, and a message tells the first threshold for the same thing', (t) => {
  const policy = evictionPolicy({});
  const { shortage, pressures } = step(noPressure, policy, [
    seen(['nodefs.available', 5, 100], ['imagefs.available', 1, 50], ['memory.available', 1, gibi]),
    0,
  ]);
  t.is(shortage?.scarce, 'memory');
  t.deepEqual(pressures, ['MemoryPressure', 'DiskPressure']);
  const disk = step(noPressure, policy, [seen(['nodefs.available', 5, 100], ['imagefs.available', 1, 50]), 0]);
  t.like(disk.shortage, {
    scarce: 'ephemeral-storage',
    threshold: { signal: 'nodefs.available' },
    told: { room: { available: 5, capacity: 100 } },
  });
});

test('a signal that cannot be read presses nobody', (t) => {
  t.deepEqual(step(noPressure, evictionPolicy({}), [new Map(), 0]).pressures, []);
});

for (const [title, settings, setting] of [
  ['an amount of nothing', { evictionHard: { 'memory.available': '0' } }, 'evictionHard.memory.available'],
  ['more than everything', { evictionHard: { 'nodefs.available': '101%' } }, 'evictionHard.nodefs.available'],
  ['no amount at all', { evictionHard: { 'pid.available': 'few' } }, 'evictionHard.pid.available'],
  [
    'a soft threshold without a grace period',
    { evictionSoft: { 'memory.available': '1Gi' } },
    'evictionSoftGracePeriod.memory.available',
  ],
  ['a period without a unit', { evictionPressureTransitionPeriod: '5' }, 'evictionPressureTransitionPeriod'],
  ['half a second of grace', { evictionMaxPodGracePeriod: 0.5 }, 'evictionMaxPodGracePeriod'],
] as const)
  test(`${title} is refused`, (t) => {
    t.is(t.throws(() => evictionPolicy(settings), { instanceOf: NodeSettingError })?.setting, setting);
  });

test('shares of 0 % and 100 % and an empty text are no threshold', (t) => {
  for (const text of ['0%', '100%', ''])
    t.deepEqual(evictionPolicy({ evictionHard: { 'memory.available': text } }).thresholds, []);
});

test('a node keeps from its pods what the hard threshold says', (t) => {
  const policy = evictionPolicy({});
  t.is(heldBack(policy, 'memory.available', gibi), 100 * 2 ** 20);
  t.is(heldBack(policy, 'nodefs.available', 1000), 100);
  t.is(heldBack(policy, 'pid.available', 1000), 0);
});

test('free memory is what is free and what idles; process numbers are those of the smaller limit', (t) => {
  t.deepEqual(memoryRoom('MemTotal:   1000 kB\nMemFree:   300 kB\nInactive(file):   200 kB\n'), {
    available: 500 * 1024,
    capacity: 1000 * 1024,
  });
  t.is(memoryRoom('MemTotal: 1000 kB\n'), undefined);
  const loadavg = '0.20 0.18 0.12 1/80 11206\n';
  t.deepEqual(processRoom({ loadavg, limits: ['32768\n', '1000\n'] }), { available: 920, capacity: 1000 });
  t.is(processRoom({ loadavg, limits: ['32768\n', ''] }), undefined);
  t.is(processRoom({ loadavg: '', limits: ['32768\n'] }), undefined);
});

test('images on a disk of their own are watched apart', async (t) => {
  const room = {
    ...simulatedRoom(),
    disk: (folder: string) =>
      Promise.resolve({
        device: folder === '/images' ? 2 : 1,
        bytes: { available: folder === '/images' ? 20 : 10, capacity: 100 },
        inodes: undefined,
      }),
  };
  const apart = await readMachine(room, { state: '/state', images: '/images' });
  t.true(apart.separateImages);
  t.is(apart.observations.get('nodefs.available')?.available, 10);
  t.is(apart.observations.get('imagefs.available')?.available, 20);
  t.false(apart.observations.has('nodefs.inodesFree'));
  const together = await readMachine(room, { state: '/state', images: undefined });
  t.false(together.separateImages);
  t.is(together.observations.get('imagefs.available')?.available, 10);
});

test('a machine that is too full for a node is advised of it', async (t) => {
  const finding = (available: number): ReturnType<typeof roomFinding> =>
    roomFinding({}, '/state', simulatedRoom(new Map([['nodefs.available', { available, capacity: 100 }]])));
  t.like(await finding(50), { ok: true });
  t.like(await finding(9), {
    ok: false,
    isAdvice: true,
    detail: 'DiskPressure: a node here takes no pods and ends those that it has',
  });
  const off = { evictionHard: { 'nodefs.available': '0%' } };
  t.true(
    (await roomFinding(off, '/state', simulatedRoom(new Map([['nodefs.available', { available: 0, capacity: 9 }]]))))
      .ok,
  );
});

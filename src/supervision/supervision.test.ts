import test from 'ava';
import type { ActorNode } from '../actors/index.ts';
import { limits } from '../base/index.ts';
import { encode } from '../bus/index.ts';
import { AlertBook, findings } from './alerts.ts';
import type { Frame, Tick } from './frame.ts';
import { parseFrame } from './frame-parsing.ts';
import { Picture } from './picture.ts';
import { Recording } from './recording.ts';
import { piecesOf } from './reporter.ts';
import { cluster, processOf, store } from './supervision.fixture.ts';
import { TreeDifference } from './tree-difference.ts';

const actor = (address: string, more: Partial<ActorNode> = {}): ActorNode => ({
  address,
  name: address,
  state: 'running',
  restarts: 0,
  mailbox: 0,
  oldestMs: 0,
  handled: 0,
  perSecond: 0,
  busyMs: 0,
  turnMs: 0,
  dropped: 0,
  refused: 0,
  coalesced: 0,
  children: [],
  ...more,
});
const root = (...children: ActorNode[]): ActorNode => actor('', { children });
const crash = { address: 'a', messageType: 'wake', error: 'broken', at: 10, count: 1 } as NonNullable<
  ActorNode['lastCrash']
>;

test('a difference tells what came, went and changed, and keeps counters apart', (t) => {
  const difference = new TreeDifference();
  t.deepEqual(difference.next(root(actor('a', { children: [actor('a/b', { handled: 3 })] }))), {
    put: [{ address: 'a' }, { address: 'a/b', parent: 'a' }],
    gone: [],
    counts: [['a/b', 0, 0, 3]],
  });
  t.deepEqual(difference.next(root(actor('a', { children: [actor('a/b', { handled: 3 })] }))), {
    put: [],
    gone: [],
    counts: [],
  });
  t.deepEqual(
    difference.next(root(actor('a', { restarts: 1, state: 'backoff', lastCrash: crash, mailbox: 2, oldestMs: 40 }))),
    {
      put: [{ address: 'a', state: 'backoff', restarts: 1, lastCrash: crash }],
      gone: ['a/b'],
      counts: [['a', 2, 40, 0]],
    },
  );
  t.deepEqual(
    difference.all().put.map(({ address }) => address),
    ['a'],
  );
});

test('a large difference is cut into pieces that fit into messages', (t) => {
  const difference = new TreeDifference();
  const pieces = piecesOf(
    difference.next(root(...Array.from({ length: 10_000 }, (_, i) => actor(`a${i}`, { handled: 1 })))),
  );
  t.is(pieces.length, 10);
  t.true(pieces.every((piece) => encode(piece).byteLength < limits.busPayloadBytesMax));
  t.is(piecesOf({ put: [], gone: [], counts: [] }).length, 1);
});

const frame = (more: Partial<Frame>): Frame => ({
  process: 'm',
  role: 'member',
  startedAt: 1,
  sequence: 1,
  at: 1_000,
  ...more,
});

test('a picture takes frames in their order and asks for everything after a gap or a new life', (t) => {
  const picture = new Picture();
  t.is(picture.apply(frame({ sequence: 4, put: [{ address: 'a' }] })), 'gap');
  t.is(picture.apply(frame({ reset: true, sequence: 5, put: [{ address: 'a' }] })), 'applied');
  t.is(picture.apply(frame({ sequence: 7 })), 'gap');
  t.is(picture.apply(frame({ sequence: 6, gone: ['a'], put: [{ address: 'b' }] })), 'applied');
  t.deepEqual([...(picture.processes.get('m')?.rows.keys() ?? [])], ['b']);
  t.is(picture.apply(frame({ startedAt: 2, sequence: 7 })), 'gap');
  const copy = new Picture();
  for (const made of picture.frames()) copy.apply(made);
  t.deepEqual(copy.frames(), picture.frames());
});

test('what is no frame is refused', (t) => {
  for (const value of [
    null,
    1,
    'x',
    [],
    {},
    { ...frame({}), put: 'rows' },
    { ...frame({}), sequence: Number.NaN },
    { ...frame({}), role: 'other' },
    { ...frame({}), put: [null] },
    { ...frame({}), put: [{ address: 1 }] },
    { ...frame({}), counts: [['a', 1, 2]] },
    { ...frame({}), gone: [{}] },
    { ...frame({}), store: { role: 'leader' } },
    { ...frame({}), shards: [1] },
    { ...frame({}), figures: [] },
    { ...frame({}), put: [{ address: 'a', lastCrash: { error: 'x' } }] },
  ])
    t.is(parseFrame(value), undefined);
  t.deepEqual(parseFrame(frame({})), frame({}));
});

interface Replay {
  readonly from: number;
  readonly base: Frame[];
  readonly ticks: Tick[];
}
const replayed = (recording: Recording, to: number): Replay => JSON.parse(recording.json(to, () => true)) as Replay;
const end = ({ base, ticks }: Replay): Frame[] => {
  const picture = new Picture();
  for (const one of [...base, ...ticks.flatMap(({ frames }) => frames)]) picture.apply(one);
  return picture.frames();
};

test('the recording keeps an hour: what is older becomes its beginning, and its end is the same', (t) => {
  const recording = new Recording();
  recording.add({ at: 0, frames: [frame({ at: 0, reset: true, put: [{ address: 'a' }] })] }, 0);
  for (let minute = 1; minute <= 90; minute++) {
    const at = minute * 60_000;
    recording.add(
      {
        at,
        frames: [frame({ at, sequence: minute + 1, put: [{ address: `a${minute}` }] })],
        events: [{ at, type: 'crash', severity: 'warning', title: `crash ${minute}`, detail: '' }],
      },
      at,
    );
  }
  const replay = replayed(recording, 90 * 60_000);
  t.is(replay.base[0]?.put?.length, 30);
  t.is(replay.ticks[0]?.events?.[0]?.title, 'crash 30');
  t.is(end(replay)[0]?.put?.length, 91);
});

test('the recording stays within its bytes, whatever happens', (t) => {
  const recording = new Recording();
  const error = 'x'.repeat(20_000);
  for (let i = 1; i <= 2_000; i++)
    recording.add(
      {
        at: i * 1000,
        frames: [
          frame({
            sequence: i,
            at: i * 1000,
            ...(i === 1 ? { reset: true as const } : {}),
            put: [{ address: 'a', restarts: i, lastCrash: { ...crash, error } }],
          }),
        ],
      },
      i * 1000,
    );
  t.true(recording.bytes <= limits.replayBytesMax);
  t.is(end(replayed(recording, 2_000_000))[0]?.put?.[0]?.restarts, 2_000);
});

const calm = {
  crashLooping: new Map<string, string>(),
  nodesNotReady: new Set<string>(),
  nodesUnderPressure: new Map<string, string>(),
};

test('alerts name what an operator must know, and are over when it is', (t) => {
  const picture = new Picture();
  const watched = { storms: new Map<string, number>(), settled: true };
  const ids = (settled = true): string[] => findings(picture, calm, { ...watched, settled }).map(({ id }) => id);
  picture.apply(frame({ process: 'm1', reset: true, store: store({ role: 'follower' }) }));
  t.deepEqual(ids(false), [], 'who has just begun to listen has not heard everybody yet');
  t.deepEqual(ids(), ['quorum-lost']);
  for (const [i, role] of (['leader', 'follower', 'follower'] as const).entries())
    picture.apply(frame({ process: `m${i + 1}`, reset: true, store: store({ role }) }));
  t.deepEqual(ids(), []);
  picture.apply(frame({ process: 'm3', silent: true }));
  t.deepEqual(ids(), ['quorum-at-risk', 'silent/m3']);
  picture.apply(frame({ process: 'm2', silent: true }));
  t.deepEqual(ids(), ['quorum-lost', 'silent/m2', 'silent/m3']);
  picture.apply(frame({ process: 'm2', sequence: 2, store: store({ appliedIndex: 10 }) }));
  picture.apply(frame({ process: 'm3', sequence: 2, store: store({ appliedIndex: 10 }) }));
  const alarm = { type: 'owed-entries', message: 'its disk lost entry 7' } as const;
  picture.apply(frame({ process: 'm3', sequence: 3, store: store({ alarms: [alarm] }) }));
  t.like(findings(picture, calm, watched)[0], {
    severity: 'critical',
    title: 'm3: A disk lost the newest of the log',
    detail: alarm.message,
  });
  picture.apply(frame({ process: 'm3', sequence: 4, store: store({}) }));
  t.deepEqual(ids(), []);
  picture.apply(
    frame({
      process: 'm1',
      sequence: 2,
      store: store({ role: 'leader', commitIndex: 5_000, appliedIndex: 5_000 }),
      figures: { residentBytes: 1, heapBytes: 1, cpuSeconds: 1, loopLagMs: 1, diskFreeBytes: 5, diskBytes: 100 },
    }),
  );
  t.deepEqual(ids(), ['lagging/m2', 'lagging/m3', 'disk/m1']);
  t.deepEqual(
    findings(
      new Picture(),
      { ...calm, crashLooping: new Map([['default/x', 'CrashLoopBackOff']]), nodesNotReady: new Set(['n1']) },
      {
        ...watched,
        storms: new Map([
          ['m/a', 7],
          ['m/b', 2],
        ]),
      },
    ).map(({ id }) => id),
    ['storm/m/a', 'crash-looping', 'nodes-not-ready'],
  );
});

test('an alert keeps its first time while its text changes', (t) => {
  const book = new AlertBook();
  const finding = { id: 'x', severity: 'warning' as const, title: 'X', detail: '1' };
  t.is(book.update([finding], 100).raised.length, 1);
  t.deepEqual(book.update([{ ...finding, detail: '2' }], 200), { raised: [], cleared: [], changed: true });
  t.is(book.all[0]?.since, 100);
  t.deepEqual(
    book.update([], 300).cleared.map(({ id }) => id),
    ['x'],
  );
});

test('every member sees the trees of all, a late one too, and a crash with its reason', async (t) => {
  const { time, process } = cluster();
  const first = process('one');
  await time.pass(3_000);
  const second = process('two');
  await time.pass(3_000);
  for (const { supervision } of [first, second])
    t.deepEqual(
      supervision
        .now()
        .frames.map((found) => found.process)
        .sort(),
      ['one', 'two'],
    );
  second.tell('fail');
  await time.pass(2_000);
  const row = processOf(first.supervision, 'two')?.put?.[0];
  t.like(row, { address: 'worker', restarts: 1 });
  t.like(row?.lastCrash, { messageType: 'fail', error: 'told to fail' });
  t.regex(
    first.supervision.replay(() => true),
    /worker crashed/,
  );
});

test('an actor of another member is restarted through the bus; nobody there is said so', async (t) => {
  const { time, process } = cluster();
  const first = process('one');
  process('two');
  await time.pass(2_000);
  t.true(await first.supervision.restart({ process: 'two', address: 'worker' }));
  t.false(await first.supervision.restart({ process: 'two', address: 'nobody' }));
  const stall = { how: 'stall', forMs: 10 } as const;
  t.is(await first.supervision.disturb({ process: 'two', address: 'worker' }, stall), 0);
  t.is(await first.supervision.disturb({ process: 'two', address: 'nobody' }, stall), undefined);
  await time.pass(2_000);
  t.like(processOf(first.supervision, 'two')?.put?.[0], { restarts: 1 });
  t.notRegex(
    first.supervision.replay(() => true),
    /worker crashed/,
  );
});

test('every process is asked for its trace steps and given its log levels; silent ones are named', async (t) => {
  const { time, process } = cluster();
  const { supervision } = process('one');
  const second = process('two');
  await time.pass(2_000);
  t.deepEqual(
    (await supervision.trace('t')).steps.map(({ process: name }) => name),
    ['two', 'one'],
    'in the order of time',
  );
  t.deepEqual((await supervision.logLevels({ level: 'debug', process: 'two' })).processes, [
    { process: 'two', level: 'debug', rules: [] },
  ]);
  const rules = [{ pattern: 'a/*', level: 'error' as const }];
  t.deepEqual((await supervision.logLevels({ level: 'error', actor: 'a/*' })).processes, [
    { process: 'one', level: 'info', rules },
    { process: 'two', level: 'debug', rules },
  ]);
  t.true((await supervision.logLevels({ level: 'error', actor: 'b' })).processes.every(({ refused }) => refused));
  t.deepEqual(
    supervision.actors('work*').map((row) => `${row.process} ${row.address}`),
    ['one worker', 'two worker'],
  );
  t.deepEqual(supervision.actors('nobody'), []);
  second.die();
  t.deepEqual((await supervision.trace('t')).silent, ['two']);
  await time.pass(limits.processSilentMs + 2_000);
  t.deepEqual(
    supervision.actors('work*').map((row) => `${row.process} ${row.address}`),
    ['one worker'],
    'a process that is silent has no actors',
  );
});

test('nobody speaks for another process', async (t) => {
  const { time, process, publish } = cluster();
  const first = process('one');
  process('two');
  await time.pass(2_000);
  publish(encode(frame({ process: 'two', startedAt: 5, reset: true, put: [{ address: 'forged' }] })));
  await time.pass(2_000);
  t.deepEqual(
    processOf(first.supervision, 'two')?.put?.map(({ address }) => address),
    ['worker'],
  );
});

test('a process that says nothing is silent, raises an alert and is forgotten at last', async (t) => {
  const { time, process } = cluster();
  const first = process('one');
  const second = process('two');
  await time.pass(2_000);
  second.die();
  await time.pass(6_000);
  t.true(processOf(first.supervision, 'two')?.silent);
  t.true(first.supervision.now().alerts?.some(({ id }) => id === 'silent/two'));
  await time.pass(limits.processForgottenMs + 2_000);
  t.is(processOf(first.supervision, 'two'), undefined);
});

test('a member whose own frames are late does not call itself silent', async (t) => {
  const { time, process } = cluster();
  const { supervision, die } = process('one');
  await time.pass(2_000);
  die();
  await time.pass(10_000);
  t.deepEqual(supervision.now().alerts, []);
});

test('garbage among the questions changes nothing and is answered with nothing', async (t) => {
  const { time, process, ask } = cluster();
  process('one');
  await time.pass(1_000);
  for (const question of [
    null,
    1,
    {},
    { type: 'restart' },
    { type: 'log-levels', level: 'loud' },
    { type: 'log-levels', actor: 'x'.repeat(600), level: 'debug' },
    { type: 'trace', traceId: 5 },
  ])
    t.is(await ask('one', encode(question)), null);
  t.is(await ask('one', new Uint8Array([0xc1])), null);
  t.like(await ask('one', encode({ type: 'log-levels' })), { level: 'info', rules: [] });
});

test('garbage on the feed changes nothing', async (t) => {
  const { time, process, publish } = cluster();
  const first = process('one');
  await time.pass(2_000);
  for (const payload of [
    new Uint8Array([0xc1]),
    new Uint8Array(0),
    encode({ process: {} }),
    encode([1]),
    encode({ ...frame({}), put: 'rows' }),
  ])
    publish(payload);
  await time.pass(2_000);
  t.deepEqual(
    first.supervision.now().frames.map((found) => found.process),
    ['one'],
  );
});

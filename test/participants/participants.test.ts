import test from 'ava';
import { createActorSystem } from '../../src/actors/index.ts';
import { noTraces, seededRandom, silentLogger, silentMetrics, type TraceScope } from '../../src/base/index.ts';
import { type Bus, decode, encode, subjectsOf } from '../../src/bus/index.ts';
import { MemoryStore } from '../../src/resources/testing/memory-store.ts';
import { epochFence } from '../../src/resources/index.ts';
import { bind, configMap, type DoorHarness, role, startDoor } from '../../src/api-server/testing/index.ts';
import { createTraces, systemClock } from '../../src/platform/index.ts';
import { ReplyGuard } from '../../src/api-server/nats/index.ts';
import { startParticipants } from '../../src/api-server/participants/index.ts';

const subjects = subjectsOf('test');
const settled = async (): Promise<void> => {
  for (let i = 0; i < 30; i++)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
};

interface Running {
  readonly door: DoorHarness;
  readonly store: MemoryStore;
  readonly system: ReturnType<typeof createActorSystem>;
}

async function start(traces: TraceScope = noTraces, store = new MemoryStore()): Promise<Running> {
  const door = startDoor();
  const system = createActorSystem({
    name: 'm',
    clock: door.time.clock,
    timers: door.time.timers,
    log: silentLogger,
    metrics: silentMetrics,
    traces,
  });
  const granter = { key: '/ownership/none', revision: 0 as never };
  startParticipants({
    owner: { fence: () => granter, onChange: () => () => undefined },
    system,
    bus: door.bus,
    subjects,
    store,
    view: door.view,
    handler: door.handler,
    replies: new ReplyGuard({ clock: door.time.clock, log: silentLogger, metrics: silentMetrics }),
    timers: door.time.timers,
    log: silentLogger,
    metrics: silentMetrics,
    traces,
  });
  return { door, store, system };
}

interface Instance {
  readonly status: number;
  readonly fence: string;
  readonly epoch: number;
  readonly control: string;
  readonly asked: {
    readonly type: string;
    readonly name?: string;
    readonly epoch: number;
    readonly traceparent: string | undefined;
  }[];
  answers: 'done' | 'failed' | 'nothing';
  beat(): void;
  leave(): void;
}

async function register(
  { door }: Running,
  instance: string,
  token = 'admin-token',
  name = 'mirror',
): Promise<Instance> {
  const client: Bus = door.network.client(instance);
  const inbox = client.inbox();
  const made = { asked: [] as Instance['asked'], answers: 'done' as Instance['answers'] };
  client.subscribe(inbox, ({ payload, reply, headers }) => {
    made.asked.push({ ...(decode(payload) as Instance['asked'][number]), traceparent: headers?.['traceparent'] });
    if (reply !== undefined && made.answers !== 'nothing')
      client.publish(reply, encode({ type: made.answers, message: 'no' }));
  });
  const request = {
    type: 'register',
    name,
    instance,
    inbox,
    resources: [{ group: '', resource: 'configmaps', namespace: 'default' }],
    heartbeatMs: 1_000,
  };
  const answer = await client.request(subjects.participants, encode(request), {
    deadlineMs: 1_000,
    headers: { Authorization: `Bearer ${token}` },
  });
  const { status, body } = decode(answer.payload) as { status: number; body: { fence: string; epoch: number } };
  const send = (type: string): void => {
    client.publish(answer.reply ?? '', encode({ type }));
  };
  return Object.assign(made, {
    status,
    fence: body.fence,
    epoch: body.epoch,
    control: answer.reply ?? '',
    beat: () => {
      send('heartbeat');
    },
    leave: () => {
      send('leave');
    },
  });
}

const changed = (running: Running, name: string): void => {
  running.door.view.put('', 'configmaps', configMap(name));
};

test('a participant is told of what is there and of every change, under its epoch', async (t) => {
  const running = await start();
  changed(running, 'before');
  const instance = await register(running, 'one');
  await settled();
  changed(running, 'after');
  running.door.view.put('', 'configmaps', configMap('elsewhere', 'other'));
  await settled();
  t.is(instance.status, 201);
  t.deepEqual(
    instance.asked.map(({ type, name, epoch }) => [type, name, epoch]),
    [
      ['reconcile', 'before', instance.epoch],
      ['reconcile', 'after', instance.epoch],
    ],
  );
  t.true(running.system.tree().children.some(({ name }) => name === 'participant-mirror-one'));
});

test('an instance without heartbeats is replaced: its epoch ends before another gets its keys', async (t) => {
  const running = await start();
  const [one, two] = [await register(running, 'one'), await register(running, 'two')];
  one.answers = 'nothing';
  two.answers = 'nothing';
  for (let i = 0; i < 8; i++) changed(running, `c${i}`);
  await settled();
  t.true(one.asked.length > 0 && two.asked.length > 0, 'keys are spread over the instances');
  t.is(one.asked.length + two.asked.length, 8, 'a key is with one instance');
  two.answers = 'done';
  const put = {
    compares: [epochFence('participants/mirror/one', one.epoch)],
    operations: [
      {
        type: 'put' as const,
        key: '/x',
        value: encode('x'),
        revisionAt: -1,
        index: { uid: '', labels: {}, fields: {}, owners: [] },
      },
    ],
  };
  t.true((await running.store.transact(put)).committed);
  const before = two.asked.length;
  for (let i = 0; i < 5; i++) {
    two.beat();
    running.door.time.pass(1_000);
    await settled();
  }
  const moved = two.asked.slice(before).map(({ name }) => name);
  t.deepEqual(new Set(moved), new Set(one.asked.filter(({ type }) => type === 'reconcile').map(({ name }) => name)));
  t.is(one.asked.at(-1)?.type, 'stop');
  t.false((await running.store.transact(put)).committed);
  const actor = running.system.tree().children.find(({ name }) => name === 'participant-mirror-one');
  t.regex(actor?.lastCrash?.error ?? '', /no heartbeat/);
  t.is(actor?.restarts, 1);
});

test('an instance that returns under its name gets a new epoch, and one that leaves gives its keys away', async (t) => {
  const running = await start();
  const first = await register(running, 'one');
  const again = await register(running, 'one');
  t.true(again.epoch > first.epoch);
  again.leave();
  await settled();
  t.false(running.system.tree().children.some(({ name }) => name === 'participant-mirror-one'));
  changed(running, 'x');
  await settled();
  const other = await register(running, 'two');
  await settled();
  t.deepEqual(
    other.asked.map(({ name }) => name),
    ['x'],
  );
});

test('registering needs the right to watch, and makes sense or is refused', async (t) => {
  const running = await start();
  t.is((await register(running, 'one', 'alice-token')).status, 403);
  t.is((await register(running, 'one', 'wrong')).status, 403);
  const client = running.door.network.client('c');
  for (const wrong of [
    {},
    { type: 'register', name: 'X' },
    { type: 'register', name: 'x', instance: 'y', resources: [], inbox: '_INBOX.a' },
    { type: 'register', name: 'x', instance: 'y', resources: [{ resource: 'pods' }], inbox: subjects.api },
  ]) {
    const answer = await client.request(subjects.participants, encode(wrong), { deadlineMs: 1_000 });
    t.like(decode(answer.payload), { status: 400 });
  }
});

test('a participant is answered on inboxes alone', async (t) => {
  const running = await start();
  const client = running.door.network.client('c');
  let heard = 0;
  client.subscribe(subjects.removed('m'), () => {
    heard += 1;
  });
  client.publish(subjects.participants, encode({}), { reply: subjects.removed('m') });
  const instance = await register(running, 'one');
  client.publish(instance.control, encode({ type: 'heartbeat' }), { reply: subjects.removed('m') });
  await settled();
  t.is(heard, 0);
});

test('a participant is told of the request that caused the change', async (t) => {
  const traceId = 'ab'.repeat(16);
  const traces = createTraces({ process: 'm', clock: systemClock, random: seededRandom(1), log: silentLogger });
  const running = await start(traces);
  const instance = await register(running, 'one');
  traces.step({ parent: { traceId, spanId: '' }, what: 'write' }, () => {
    changed(running, 'traced');
  });
  await settled();
  const asked = instance.asked.find(({ name }) => name === 'traced');
  const turn = traces.steps(traceId).find(({ actor }) => actor !== undefined);
  t.is(asked?.traceparent, `00-${traceId}-${turn?.spanId ?? ''}-01`);
});

/** Lets alice and bob register. */
function admit({ door: { view } }: Running): void {
  role(view, 'basic', [
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] },
  ]);
  const subjectsOfBinding = ['alice', 'bob'].map((name) => ({ kind: 'User', name }));
  bind(view, 'basic', { role: 'basic', subjects: subjectsOfBinding });
}

async function pass({ door }: Running, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    door.time.pass(1_000);
    await settled();
  }
}

test("nobody displaces another user's controller: neither its instances nor beside them", async (t) => {
  const running = await start();
  admit(running);
  const held = await register(running, 'a', 'alice-token');
  t.is(held.status, 201);
  for (const [instance, token] of [
    ['a', 'bob-token'],
    ['b', 'bob-token'],
    ['a', 'admin-token'],
  ] as const)
    t.is((await register(running, instance, token)).status, 409);
  await settled();
  t.false(held.asked.some(({ type }) => type === 'stop'));
  t.is((await register(running, 'b', 'alice-token')).status, 201, 'the user itself may');
});

test('a name is free once its last instance leaves', async (t) => {
  const running = await start();
  admit(running);
  const [one, two] = [await register(running, 'a', 'alice-token'), await register(running, 'b', 'alice-token')];
  one.leave();
  await settled();
  t.is((await register(running, 'a', 'bob-token')).status, 409);
  two.leave();
  await settled();
  t.is((await register(running, 'a', 'bob-token')).status, 201);
});

test('the name of a silent controller stays with its user for a minute', async (t) => {
  const running = await start();
  admit(running);
  t.is((await register(running, 'a', 'alice-token')).status, 201);
  await pass(running, 30);
  t.is((await register(running, 'a', 'bob-token')).status, 409);
  await pass(running, 40);
  t.is((await register(running, 'a', 'bob-token')).status, 201);
});

test('a name stays with its user when another member takes over', async (t) => {
  const first = await start();
  admit(first);
  t.is((await register(first, 'a', 'alice-token')).status, 201);
  const next = await start(noTraces, first.store);
  admit(next);
  t.is((await register(next, 'a', 'bob-token')).status, 409);
  await pass(next, 61);
  t.is((await register(next, 'a', 'bob-token')).status, 201);
});

test('one user cannot take all places', async (t) => {
  const running = await start();
  admit(running);
  const statuses = async (count: number, token: string, nameOf: (i: number) => string): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i < count; i++) all.push((await register(running, `i${i}`, token, nameOf(i))).status);
    return all;
  };
  t.deepEqual(await statuses(9, 'alice-token', (i) => `alice-${i}`), [...Array<number>(8).fill(201), 429]);
  t.deepEqual(await statuses(17, 'bob-token', () => 'bob'), [...Array<number>(16).fill(201), 429]);
  t.is((await register(running, 'one', 'admin-token', 'alice-8')).status, 201, 'a refusal holds no name');
});

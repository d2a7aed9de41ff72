import test from 'ava';
import { type MetricLabels, silentLogger, silentMetrics } from '../../base/index.ts';
import { type Bus, decode, encode, subjectsOf } from '../../bus/index.ts';
import { changeEvent, configMap, type DoorHarness, startDoor } from '../testing/index.ts';
import { openNatsDoor } from './nats-door.ts';
import { ReplyGuard } from './reply-guard.ts';

const settled = async (): Promise<void> => {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
};
const subjects = subjectsOf('test');
const headers = { Authorization: 'Bearer admin-token' };

function start(): { readonly door: DoorHarness; readonly client: Bus } {
  const door = startDoor();
  const { clock, timers } = door.time;
  const replies = new ReplyGuard({ clock, log: silentLogger, metrics: silentMetrics });
  openNatsDoor({
    handler: door.handler,
    bus: door.bus,
    subjects,
    timers,
    log: silentLogger,
    metrics: silentMetrics,
    replies,
  });
  return { door, client: door.network.client('client') };
}

async function request(
  client: Bus,
  value: unknown,
  encoding: 'json' | 'msgpack' = 'json',
  more = headers,
): Promise<{ status: number; headers: Record<string, string>; body: unknown }> {
  const payload = encoding === 'json' ? new TextEncoder().encode(JSON.stringify(value)) : encode(value);
  const answer = await client.request(subjects.api, payload, { deadlineMs: 1_000, headers: more });
  return (encoding === 'json' ? JSON.parse(new TextDecoder().decode(answer.payload)) : decode(answer.payload)) as {
    status: number;
    headers: Record<string, string>;
    body: unknown;
  };
}

test('the same status and body as over HTTP, in the encoding of the request', async (t) => {
  const { door, client } = start();
  door.service.put(configMap('a'));
  for (const encoding of ['json', 'msgpack'] as const) {
    const answer = await request(
      client,
      { verb: 'get', group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'a' },
      encoding,
    );
    t.like(answer, {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { kind: 'ConfigMap', metadata: { name: 'a' } },
    });
  }
});

test('bodies, queries and patch types are carried', async (t) => {
  const { door, client } = start();
  t.like(
    await request(
      client,
      {
        verb: 'create',
        version: 'v1',
        resource: 'configmaps',
        namespace: 'default',
        query: { dryRun: 'All' },
        body: configMap('b'),
      },
      'msgpack',
    ),
    { status: 201 },
  );
  t.like(door.service.calls.at(-1)?.details, { context: { dryRun: true } });
  await request(client, {
    verb: 'patch',
    group: 'core',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'default',
    name: 'b',
    contentType: 'application/merge-patch+json',
    body: { data: {} },
  });
  t.like(door.service.calls.at(-1), { verb: 'patch', details: { contentType: 'application/merge-patch+json' } });
});

test('requests that make no sense, bad tokens and missing rights are answered', async (t) => {
  const { client } = start();
  t.like(await request(client, { verb: 'dance' }), { status: 400 });
  t.like(
    await request(client, { verb: 'list', version: 'v1', resource: 'pods' }, 'json', { Authorization: 'Bearer wrong' }),
    { status: 401 },
  );
  t.like(
    await request(client, { verb: 'list', version: 'v1', resource: 'pods' }, 'json', {
      Authorization: 'Bearer alice-token',
    }),
    { status: 403 },
  );
});

test('a large answer comes in chunks', async (t) => {
  const { door, client } = start();
  for (let i = 0; i < 30; i++) door.service.put({ ...configMap(`c${i}`), data: { text: 'x'.repeat(100_000) } });
  const inbox = client.inbox();
  const chunks: { payload: Uint8Array; headers: Readonly<Record<string, string>> | undefined }[] = [];
  client.subscribe(inbox, (message) => {
    chunks.push({ payload: message.payload, headers: message.headers });
  });
  client.publish(
    subjects.api,
    new TextEncoder().encode(JSON.stringify({ verb: 'list', version: 'v1', resource: 'configmaps' })),
    { reply: inbox, headers },
  );
  await settled();
  t.is(chunks[0]?.headers?.['Troupe-Chunks'], String(chunks.length));
  const whole = JSON.parse(Buffer.concat(chunks.map((chunk) => chunk.payload)).toString()) as {
    body: { items: unknown[] };
  };
  t.is(whole.body.items.length, 30);
});

interface Told {
  readonly seq: number;
  readonly status?: number;
  readonly event?: {
    readonly type: string;
    readonly object: { readonly metadata: { readonly resourceVersion: string } };
  };
  readonly channel?: number;
  readonly data?: Uint8Array;
  readonly acknowledged?: number;
  readonly end?: boolean;
  readonly error?: { readonly code: number; readonly reason: string };
  readonly resourceVersion?: string;
}

/** Opens a stream as a client and collects its messages. */
async function openStream(
  client: Bus,
  value: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly told: Told[]; steer(message: unknown): Promise<void>; leave(): void }> {
  const inbox = client.inbox();
  const told: Told[] = [];
  let control = '';
  const subscription = client.subscribe(inbox, (message) => {
    if (message.headers?.['Troupe-Chunk'] === undefined) told.push(decode(message.payload) as Told);
    control = message.reply ?? control;
  });
  client.publish(subjects.api, encode(value), { reply: inbox, headers: { ...headers, ...more } });
  await settled();
  return {
    told,
    steer: async (message) => {
      client.publish(control, encode(message));
      await settled();
    },
    leave: () => {
      subscription.close();
    },
  };
}

const watchMaps = { verb: 'watch', version: 'v1', resource: 'configmaps' };

test('a watch says that it stands, numbers its messages, beats when idle, and ends when nobody listens', async (t) => {
  const { door, client } = start();
  const { told, leave } = await openStream(client, watchMaps);
  door.service.sink?.([
    changeEvent('ADDED', door.service.put(configMap('a'))),
    changeEvent('MODIFIED', door.service.put(configMap('a'))),
  ]);
  door.time.pass(10_000);
  door.time.pass(10_000);
  await settled();
  t.deepEqual(
    told.map(({ seq, status, event }) => [seq, status ?? event?.type]),
    [
      [1, 200],
      [2, 'ADDED'],
      [3, 'MODIFIED'],
      [4, undefined],
    ],
  );
  leave();
  door.time.pass(10_000);
  await settled();
  t.true(door.service.watchClosed);
});

test('a client with a window gets no more than it acknowledges', async (t) => {
  const { door, client } = start();
  const { told, steer } = await openStream(client, watchMaps, { 'Troupe-Window': '2' });
  door.service.sink?.(['a', 'b'].map((name) => changeEvent('ADDED', door.service.put(configMap(name)))));
  await settled();
  t.deepEqual(
    told.map(({ seq }) => seq),
    [1, 2],
  );
  await steer({ acknowledged: 2 });
  t.deepEqual(
    told.map(({ seq }) => seq),
    [1, 2, 3],
  );
  await steer({ close: true });
  t.true(door.service.watchClosed);
});

test('a watcher that takes nothing is cut off, and told from where to watch on', async (t) => {
  const { door, client } = start();
  const { told } = await openStream(client, watchMaps, { 'Troupe-Window': '2' });
  const sent = door.service.put(configMap('a'));
  door.service.sink?.([changeEvent('ADDED', sent), changeEvent('ADDED', door.service.put(configMap('b')))]);
  for (let i = 0; i < 7; i++) door.time.pass(10_000);
  await settled();
  t.like(told.at(-1), {
    end: true,
    resourceVersion: String(sent.revision),
    error: { code: 429, reason: 'TooManyRequests' },
  });
  t.true(door.service.watchClosed);
});

test('a watcher for whom too many bytes wait is cut off at once', async (t) => {
  const { door, client } = start();
  const { told } = await openStream(client, watchMaps, { 'Troupe-Window': '1' });
  const record = door.service.put({ ...configMap('large'), data: { text: 'x'.repeat(1_000_000) } });
  door.service.sink?.(Array.from({ length: 40 }, () => changeEvent('MODIFIED', record)));
  await settled();
  t.like(told.at(-1), { seq: 2, end: true, error: { code: 429 } });
});

test('an event that does not fit into one message comes in pieces', async (t) => {
  const { door, client } = start();
  const inbox = client.inbox();
  const pieces: Uint8Array[] = [];
  client.subscribe(inbox, (message) => {
    if (message.headers?.['Troupe-Chunk'] !== undefined) pieces.push(message.payload);
  });
  client.publish(subjects.api, new TextEncoder().encode(JSON.stringify(watchMaps)), { reply: inbox, headers });
  await settled();
  door.service.sink?.([
    changeEvent('ADDED', door.service.put({ ...configMap('large'), data: { text: 'x'.repeat(1_400_000) } })),
  ]);
  await settled();
  t.is(pieces.length, 2);
  t.like(JSON.parse(Buffer.concat(pieces).toString()), {
    seq: 2,
    event: { type: 'ADDED', object: { metadata: { name: 'large' } } },
  });
});

test('a body that does not fit into one message is sent in pieces, within the limit of every request', async (t) => {
  const { door, client } = start();
  const body = new TextEncoder().encode(
    JSON.stringify({ ...configMap('large'), data: { text: 'x'.repeat(1_400_000) } }),
  );
  const inbox = client.inbox();
  const answers: { status: number }[] = [];
  const pieces: Uint8Array[] = [];
  client.subscribe(inbox, (message) => {
    if (message.headers?.['Troupe-Chunk'] !== undefined) {
      pieces.push(message.payload);
      return;
    }
    answers.push(decode(message.payload) as { status: number });
    for (let i = 0; i * 1_000_000 < body.byteLength; i++)
      client.publish(message.reply ?? '', body.subarray(i * 1_000_000, (i + 1) * 1_000_000), {
        headers: { 'Troupe-Chunk': String(i) },
      });
  });
  const create = {
    verb: 'create',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'default',
    query: { fieldSelector: '' },
  };
  client.publish(subjects.api, encode({ ...create, uploadBytes: body.byteLength }), { reply: inbox, headers });
  for (let i = 0; i < 6; i++) await settled();
  t.deepEqual(
    answers.map(({ status }) => status),
    [100],
  );
  t.like(decode(Buffer.concat(pieces)), { status: 201, body: { metadata: { name: 'large' } } });
  t.is(door.service.calls.at(-1)?.verb, 'create');
  t.like(await request(client, { ...create, uploadBytes: 4 * 1024 * 1024 }), { status: 413 });
});

test('paths that are no resource, and parameters given several times, are carried', async (t) => {
  const { client } = start();
  t.like(await request(client, { verb: 'get', path: '/version' }), { status: 200, body: { major: '1', minor: '33' } });
  t.like(await request(client, { verb: 'get', path: '/version?x=y' }), { status: 400 });
  const refused = await request(client, {
    verb: 'create',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'default',
    query: { dryRun: ['All', 'Some'] },
    body: configMap('b'),
  });
  t.is(refused.status, 422);
});

test('a request that is not answered by its deadline is a timeout; its trace context comes back', async (t) => {
  const { door, client } = start();
  door.service.get = () => new Promise(() => undefined);
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const get = { verb: 'get', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'a' };
  const waiting = client.request(subjects.api, encode(get), {
    deadlineMs: 60_000,
    headers: { ...headers, 'Troupe-Deadline-Ms': '500', traceparent: trace },
  });
  await settled();
  door.time.pass(500);
  const answer = await waiting;
  t.like(decode(answer.payload), { status: 504, body: { reason: 'Timeout' } });
  t.is(answer.headers?.['traceparent'], trace);
});

test('exec is a conversation in numbered frames; a gap in them ends it', async (t) => {
  const { door, client } = start();
  door.view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'n1' } });
  door.view.put('', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'default', uid: 'u' },
    spec: { nodeName: 'n1', containers: [{ name: 'c' }] },
  });
  const agent = door.network.client('agent');
  const heard: { type: string; channel?: number; data?: Uint8Array }[] = [];
  let opened: { toDoor: string; command: string[] } | undefined;
  agent.subscribe('to-agent', ({ payload }) => {
    heard.push(decode(payload) as { type: string });
  });
  agent.subscribe(subjects.nodeStream('n1'), ({ payload, reply = '' }) => {
    opened = decode(payload) as { toDoor: string; command: string[] };
    agent.publish(reply, encode({ type: 'opened', toAgent: 'to-agent' }));
  });
  const exec = {
    verb: 'create',
    version: 'v1',
    resource: 'pods',
    subresource: 'exec',
    namespace: 'default',
    name: 'p',
    query: { command: ['cat', '-'], stdin: 'true', stdout: 'true' },
  };
  const { told, steer } = await openStream(client, exec);
  for (let i = 0; i < 3; i++) await settled();
  t.deepEqual(opened?.command, ['cat', '-']);
  await steer({ seq: 1, channel: 0, data: new TextEncoder().encode('hello') });
  await steer({ seq: 1, channel: 0, data: new TextEncoder().encode('hello') });
  t.deepEqual(
    heard.filter(({ type }) => type === 'data').map(({ data }) => Buffer.from(data ?? []).toString()),
    ['hello'],
    'a frame that comes twice counts once',
  );
  agent.publish(
    opened?.toDoor ?? '',
    encode({ type: 'data', seq: 1, channel: 1, data: new TextEncoder().encode('hello') }),
  );
  await settled();
  t.like(told.at(-1), { channel: 1, data: new Uint8Array([104, 101, 108, 108, 111]) });
  await steer({ seq: 7, channel: 0, data: 'late' });
  t.like(told.at(-1), { end: true, error: { code: 400 } });
  t.like(await request(client, exec, 'json', { Authorization: 'Bearer alice-token' }), { status: 403 });
});

test('pieces of a body that come twice count once; a body with a gap is refused', async (t) => {
  const { client } = start();
  const body = new TextEncoder().encode(JSON.stringify(configMap('pieces')));
  const send = (order: readonly number[]): Promise<unknown> =>
    new Promise((resolve) => {
      const inbox = client.inbox();
      client.subscribe(inbox, ({ payload, reply }) => {
        const answer = decode(payload) as { status: number };
        if (answer.status !== 100) {
          resolve(answer.status);
          return;
        }
        for (const i of order)
          client.publish(reply ?? '', body.subarray(i * 20, (i + 1) * 20), { headers: { 'Troupe-Chunk': String(i) } });
      });
      client.publish(
        subjects.api,
        encode({
          verb: 'create',
          version: 'v1',
          resource: 'configmaps',
          namespace: 'default',
          uploadBytes: body.byteLength,
        }),
        { reply: inbox, headers },
      );
    });
  const all = Array.from({ length: Math.ceil(body.byteLength / 20) }, (_, i) => i);
  t.is(await send(all.flatMap((i) => [i, i, 0])), 201);
  t.is(await send(all.filter((i) => i !== 1)), 400);
  t.is(await send([1, 0]), 400);
});

/** A door whose clients are confined to their own inboxes, what it heard, and what it refused. */
function guarded(): {
  readonly answersOn: (reply: string, user?: string) => Promise<number>;
  readonly refused: MetricLabels[];
} {
  const door = startDoor();
  const { clock, timers } = door.time;
  const refused: MetricLabels[] = [];
  const count = (name: string, labels: MetricLabels = {}): void => {
    if (name === 'troupe_refused_replies_total') refused.push(labels);
  };
  const replies = new ReplyGuard({
    clock,
    log: silentLogger,
    metrics: { ...silentMetrics, count },
    authenticate: door.authenticate,
  });
  openNatsDoor({
    handler: door.handler,
    bus: door.bus,
    subjects,
    timers,
    log: silentLogger,
    metrics: silentMetrics,
    replies,
  });
  const client = door.network.client('client');
  const answersOn = async (reply: string, user?: string): Promise<number> => {
    let answers = 0;
    const subscription = client.subscribe(reply, () => {
      answers += 1;
    });
    const authorization = user === undefined ? {} : { Authorization: `Bearer ${user}-token` };
    const version = new TextEncoder().encode('{"verb":"get","path":"/version"}');
    client.publish(subjects.api, version, { reply, headers: authorization });
    for (let i = 0; i < 10; i++) await settled();
    subscription.close();
    return answers;
  };
  return { answersOn, refused };
}

test('the door answers on inboxes alone: members act on what comes on their other subjects', async (t) => {
  const { answersOn, refused } = guarded();
  for (const subject of [subjects.removed('member-1'), subjects.gone('member-1'), subjects.nodeUsage('node-1')])
    for (const user of [undefined, 'alice', 'admin']) t.is(await answersOn(subject, user), 0, subject);
  t.is(refused.length, 9);
  t.deepEqual(refused[0], { reason: 'not-an-inbox' });
});

test('users are answered on their own inboxes; administrators and refused requests on any', async (t) => {
  const { answersOn, refused } = guarded();
  t.is(await answersOn('_INBOX.alice.1', 'alice'), 1);
  t.is(await answersOn('_INBOX.bob.1', 'alice'), 0);
  t.is(await answersOn('_INBOX.alices.1', 'alice'), 0);
  t.is(await answersOn('_INBOX.K3J9A0PZQ1X7MB2C5D8E6F.1', 'alice'), 1, "over an administrator's connection");
  t.deepEqual(refused, [{ reason: 'foreign-inbox' }, { reason: 'foreign-inbox' }]);
  t.is(await answersOn('_INBOX.%member-1.K3J9A0PZQ1X7MB2C5D8E6F.1', 'alice'), 0, "over a member's connection");
  t.is(await answersOn('_INBOX.%member-1.K3J9A0PZQ1X7MB2C5D8E6F.1', 'system:node:n1'), 1, 'an agent beside a member');
  t.is(await answersOn('_INBOX.%member-1.1', 'system:node:n1'), 0, 'an inbox that can be guessed');
  t.is(refused.length, 4);
  t.is(await answersOn('_INBOX.bob.1', 'admin'), 1);
  t.is(await answersOn('_INBOX.bob.1', 'nobody'), 1, 'a refusal');
  t.is(await answersOn('_INBOX.bob.1'), 1);
});

test('a path of more than 8 KiB is refused before anything is made of it', async (t) => {
  const { client } = start();
  const name = 'a'.repeat(8 * 1024);
  for (const about of [{ path: `/${name}` }, { version: 'v1', resource: 'pods', namespace: 'default', name }])
    t.like(await request(client, { verb: 'get', ...about }), {
      status: 400,
      body: { message: 'the path of the request is longer than 8192 bytes' },
    });
});

import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { type Bus, decode, encode, subjectsOf } from '../../bus/index.ts';
import { configMap, type DoorHarness, startDoor } from '../testing/door-harness.ts';
import { openNatsDoor } from './nats-door.ts';

const settled = async (): Promise<void> => { await new Promise((resolve) => { setImmediate(resolve); }); };
const subjects = subjectsOf('test');
const headers = { Authorization: 'Bearer admin-token' };

function start(): { readonly door: DoorHarness; readonly client: Bus } {
  const door = startDoor();
  openNatsDoor({ handler: door.handler, bus: door.bus, subjects, timers: door.time.timers, log: silentLogger });
  return { door, client: door.network.client('client') };
}

async function request(client: Bus, value: unknown, encoding: 'json' | 'msgpack' = 'json', more = headers): Promise<{ status: number; headers: Record<string, string>; body: unknown }> {
  const payload = encoding === 'json' ? new TextEncoder().encode(JSON.stringify(value)) : encode(value);
  const answer = await client.request(subjects.api, payload, { deadlineMs: 1_000, headers: more });
  return (encoding === 'json' ? JSON.parse(new TextDecoder().decode(answer.payload)) : decode(answer.payload)) as { status: number; headers: Record<string, string>; body: unknown };
}

test('the same status and body as over HTTP, in the encoding of the request', async (t) => {
  const { door, client } = start();
  door.service.put(configMap('a'));
  for (const encoding of ['json', 'msgpack'] as const) {
    const answer = await request(client, { verb: 'get', group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'a' }, encoding);
    t.like(answer, { status: 200, headers: { 'content-type': 'application/json' }, body: { kind: 'ConfigMap', metadata: { name: 'a' } } });
  }
});

test('bodies, queries and patch types are carried', async (t) => {
  const { door, client } = start();
  t.like(await request(client, { verb: 'create', version: 'v1', resource: 'configmaps', namespace: 'default', query: { dryRun: 'All' }, body: configMap('b') }, 'msgpack'), { status: 201 });
  t.like(door.service.calls.at(-1)?.details, { context: { dryRun: true } });
  await request(client, { verb: 'patch', group: 'core', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'b', contentType: 'application/merge-patch+json', body: { data: {} } });
  t.like(door.service.calls.at(-1), { verb: 'patch', details: { contentType: 'application/merge-patch+json' } });
});

test('requests that make no sense, bad tokens and missing rights are answered', async (t) => {
  const { client } = start();
  t.like(await request(client, { verb: 'dance' }), { status: 400 });
  t.like(await request(client, { verb: 'list', version: 'v1', resource: 'pods' }, 'json', { Authorization: 'Bearer wrong' }), { status: 401 });
  t.like(await request(client, { verb: 'list', version: 'v1', resource: 'pods' }, 'json', { Authorization: 'Bearer alice-token' }), { status: 403 });
});

test('a large answer comes in chunks', async (t) => {
  const { door, client } = start();
  for (let i = 0; i < 30; i++) door.service.put({ ...configMap(`c${i}`), data: { text: 'x'.repeat(100_000) } });
  const inbox = client.inbox();
  const chunks: { payload: Uint8Array; headers: Readonly<Record<string, string>> | undefined }[] = [];
  client.subscribe(inbox, (message) => { chunks.push({ payload: message.payload, headers: message.headers }); });
  client.publish(subjects.api, new TextEncoder().encode(JSON.stringify({ verb: 'list', version: 'v1', resource: 'configmaps' })), { reply: inbox, headers });
  await settled();
  t.is(chunks[0]?.headers?.['Troupe-Chunks'], String(chunks.length));
  const whole = JSON.parse(Buffer.concat(chunks.map((chunk) => chunk.payload)).toString()) as { body: { items: unknown[] } };
  t.is(whole.body.items.length, 30);
});

test('a watch numbers its messages, beats when idle, and ends when nobody listens', async (t) => {
  const { door, client } = start();
  const inbox = client.inbox();
  const messages: { seq: number; event?: { type: string }; end?: boolean }[] = [];
  const subscription = client.subscribe(inbox, (message) => { messages.push(JSON.parse(new TextDecoder().decode(message.payload)) as { seq: number }); });
  client.publish(subjects.api, new TextEncoder().encode(JSON.stringify({ verb: 'watch', version: 'v1', resource: 'configmaps' })), { reply: inbox, headers });
  await settled();
  door.service.sink?.([{ type: 'ADDED', record: door.service.put(configMap('a')) }, { type: 'MODIFIED', record: door.service.put(configMap('a')) }]);
  await settled();
  door.time.pass(10_000);
  await settled();
  t.deepEqual(messages.map(({ seq, event }) => [seq, event?.type]), [[1, 'ADDED'], [2, 'MODIFIED'], [3, undefined]]);
  subscription.close();
  door.time.pass(10_000);
  await settled();
  t.true(door.service.watchClosed);
});

test('a client with a window gets no more than it acknowledges', async (t) => {
  const { door, client } = start();
  const inbox = client.inbox();
  let control = '';
  const seen: number[] = [];
  client.subscribe(inbox, (message) => {
    control = message.reply ?? '';
    seen.push((decode(message.payload) as { seq: number }).seq);
  });
  client.publish(subjects.api, encode({ verb: 'watch', version: 'v1', resource: 'configmaps' }), { reply: inbox, headers: { ...headers, 'Troupe-Window': '2' } });
  await settled();
  door.service.sink?.(['a', 'b', 'c'].map((name) => ({ type: 'ADDED', record: door.service.put(configMap(name)) })));
  await settled();
  t.deepEqual(seen, [1, 2]);
  client.publish(control, encode({ acknowledged: 2 }));
  await settled();
  t.deepEqual(seen, [1, 2, 3]);
});

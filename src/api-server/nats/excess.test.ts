import test from 'ava';
import { type MetricLabels, silentLogger, silentMetrics } from '../../base/index.ts';
import { type Bus, decode, encode, subjectsOf } from '../../bus/index.ts';
import { startDoor } from '../testing/index.ts';
import { openNatsDoor } from './nats-door.ts';
import { ReplyGuard } from './reply-guard.ts';

const subjects = subjectsOf('test');
const headers = { Authorization: 'Bearer admin-token' };

async function request(client: Bus, value: unknown, encoding: 'json' | 'msgpack' = 'json'): Promise<object> {
  const payload = encoding === 'json' ? new TextEncoder().encode(JSON.stringify(value)) : encode(value);
  const answer = await client.request(subjects.api, payload, { deadlineMs: 1_000, headers });
  return (
    encoding === 'json' ? JSON.parse(new TextDecoder().decode(answer.payload)) : decode(answer.payload)
  ) as object;
}

test('messages that are too much work are refused before they are decoded, and counted', async (t) => {
  const door = startDoor();
  const counts: MetricLabels[] = [];
  const count = (name: string, labels: MetricLabels = {}): void => {
    if (name === 'troupe_refused_bodies_total') counts.push(labels);
  };
  const metrics = { ...silentMetrics, count };
  const { clock, timers } = door.time;
  const replies = new ReplyGuard({ clock, log: silentLogger, metrics });
  openNatsDoor({ handler: door.handler, bus: door.bus, subjects, timers, log: silentLogger, metrics, replies });
  const client = door.network.client('client');
  const body = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1]));
  for (const [encoding, what] of [
    ['json', 'an object or list has more than 10000'],
    ['msgpack', 'the message has more than 40000'],
  ] as const)
    t.like(await request(client, { verb: 'create', version: 'v1', resource: 'configmaps', body }, encoding), {
      status: 400,
      body: { message: `the request is too much work: ${what} values` },
    });
  t.deepEqual(counts, [
    { input: 'json', reason: 'values' },
    { input: 'msgpack', reason: 'values' },
  ]);
});

import test from 'ava';
import { limits, type MetricLabels, silentMetrics } from '../../base/index.ts';
import { bodyJson, startDoor } from '../testing/index.ts';
import { BodyBudget, BodyReading } from './body-budget.ts';

const mib = 1024 * 1024;
const chunk = (bytes: number): Buffer => Buffer.alloc(bytes, 0x61);

test('bodies of one address have their room, and leave room for others', (t) => {
  const budget = new BodyBudget();
  const bodies = Array.from({ length: 100 }, () => new BodyReading(budget, 'crowd'));
  for (const body of bodies) body.add(chunk(mib));
  const kept = bodies.filter((body) => body.body.bodyWithoutRoom !== true);
  t.is(kept.length, limits.bodiesBytesPerAddressMax / mib);
  t.is(budget.bytes, limits.bodiesBytesPerAddressMax);
  const other = new BodyReading(budget, 'other');
  other.add(chunk(mib));
  t.is(other.body.body.byteLength, mib);
  for (const body of [...bodies, other]) body.release();
  t.is(budget.bytes, 0);
});

test('all addresses together have a bound', (t) => {
  const budget = new BodyBudget();
  for (let address = 0; address < 10; address += 1)
    for (let i = 0; i < 60; i += 1) new BodyReading(budget, `address ${address}`).add(chunk(mib));
  t.is(budget.bytes, limits.bodiesBytesMax);
});

test('a body over the limit gives its room back before it has ended', (t) => {
  const budget = new BodyBudget();
  const body = new BodyReading(budget, undefined);
  for (let i = 0; i < 5; i += 1) body.add(chunk(mib));
  t.deepEqual([budget.bytes, body.body.bodyTooLarge, body.body.body.byteLength], [0, true, 0]);
  body.release();
  t.is(budget.bytes, 0);
});

test('a request whose body found no room is told to come again, and counted', async (t) => {
  const counts: MetricLabels[] = [];
  const count = (name: string, labels: MetricLabels = {}): void => {
    if (name === 'troupe_refused_bodies_total') counts.push(labels);
  };
  const { handler } = startDoor({ metrics: { ...silentMetrics, count } });
  const answer = await handler({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    query: '',
    headers: { authorization: 'Bearer admin-token' },
    body: new Uint8Array(0),
    bodyWithoutRoom: true,
  });
  t.like(bodyJson(answer), { code: 429, reason: 'TooManyRequests' });
  t.deepEqual(counts, [{ input: 'body', reason: 'waiting' }]);
});

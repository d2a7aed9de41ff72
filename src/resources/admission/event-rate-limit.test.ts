import test from 'ava';
import { startHarness, statusLine, type Harness } from '../testing/harness.ts';
import { boundedCache } from './bounded-cache.ts';
import { defaultAdmissionConfiguration, type EventLimit } from './configuration.ts';

let made = 0;
const event = (namespace: string, about: string, more: object = {}): object => ({
  metadata: { name: `e${String(made++)}`, namespace },
  involvedObject: { kind: 'Pod', namespace, name: about },
  source: { component: 'test' },
  reason: 'Tested',
  message: 'm',
  type: 'Normal',
  ...more,
});

const limited = (...eventLimits: readonly EventLimit[]): Promise<Harness> =>
  startHarness({
    settings: {
      admissionPlugins: ['EventRateLimit'],
      admission: { ...defaultAdmissionConfiguration, eventLimits },
    },
  });
const limit = (type: EventLimit['type'], more: Partial<EventLimit> = {}): EventLimit => ({
  type,
  qps: 1,
  burst: 2,
  cacheSize: 10,
  ...more,
});
const at = (namespace: string): string => `/api/v1/namespaces/${namespace}/events`;

async function outcomes(h: Harness, posts: readonly (readonly [about: string, more?: object])[]): Promise<string> {
  const codes: string[] = [];
  for (const [about, more] of posts) {
    const answer = await h.post(at('default'), event('default', about), more);
    codes.push(answer.kind === 'Event' ? 'ok' : statusLine(answer).slice(0, 3));
  }
  return codes.join(' ');
}

test('a burst passes, then Events are refused until tokens have come back', async (t) => {
  const h = await limited(limit('Server'));
  t.is(await outcomes(h, [['a'], ['b'], ['c']]), 'ok ok 429');
  h.now += 1_000;
  t.is(await outcomes(h, [['a'], ['b']]), 'ok 429');
  h.now += 60_000;
  t.is(await outcomes(h, [['a'], ['b'], ['c']]), 'ok ok 429');
});

test('the refusal names the limit and its key', async (t) => {
  const h = await limited(limit('Namespace', { burst: 1 }), limit('User', { burst: 1 }));
  await outcomes(h, [['a']]);
  t.is(
    statusLine(await h.post(at('default'), event('default', 'a'))),
    '429 TooManyRequests: Too many requests: [limit reached on type Namespace for key default, ' +
      'limit reached on type User for key admin]',
  );
});

test('limits of namespaces, users and objects count each key for itself', async (t) => {
  const namespaces = await limited(limit('Namespace', { burst: 1 }));
  await namespaces.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  t.is(await outcomes(namespaces, [['a'], ['b']]), 'ok 429');
  t.is((await namespaces.post(at('other'), event('other', 'a'))).kind, 'Event');

  const user = (name: string): object => ({ user: { name, groups: ['system:masters'] } });
  const users = await limited(limit('User', { burst: 1 }));
  t.is(
    await outcomes(users, [
      ['a', user('u')],
      ['a', user('u')],
      ['a', user('v')],
    ]),
    'ok 429 ok',
  );

  const objects = await limited(limit('SourceAndObject', { burst: 1 }));
  t.is(await outcomes(objects, [['a'], ['a'], ['b']]), 'ok 429 ok');
});

test('dry runs take no tokens, and other kinds are not looked at', async (t) => {
  const h = await limited(limit('Server', { burst: 1 }));
  t.is(await outcomes(h, [['a', { dryRun: true }], ['a', { dryRun: true }], ['a']]), 'ok ok ok');
  t.is((await h.post('/api/v1/namespaces', { metadata: { name: 'n' } })).kind, 'Namespace');
});

test('Events of events.k8s.io count as well', async (t) => {
  const h = await limited(limit('SourceAndObject', { burst: 1 }));
  const post = async (name: string): Promise<string> => {
    const answer = await h.post('/apis/events.k8s.io/v1/namespaces/default/events', {
      metadata: { name },
      regarding: { kind: 'Pod', namespace: 'default', name: 'a' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/c',
      reportingInstance: 'i',
      action: 'Test',
      reason: 'Tested',
      type: 'Normal',
    });
    return answer.kind === 'Event' ? 'ok' : statusLine(answer).slice(0, 3);
  };
  t.deepEqual([await post('a'), await post('b')], ['ok', '429']);
});

test('a cache of keys keeps to its bounds and forgets what was used longest ago', (t) => {
  const cache = boundedCache<{ readonly at: number }>({ bytesMax: 10_000, entriesMax: 3 });
  for (const [at, key] of ['a', 'b', 'c'].entries()) cache.set(key, { at });
  t.is(cache.get('a')?.at, 0);
  cache.set('d', { at: 3 });
  t.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key)?.at),
    [0, undefined, 2, 3],
  );
  for (let i = 0; i < 100; i++) cache.set(`${'x'.repeat(1_000)}${String(i)}`, { at: i });
  t.true(cache.calculatedSize <= 10_000);
  cache.set('y'.repeat(20_000), { at: 1 });
  t.is(cache.get('y'.repeat(20_000)), undefined);
  t.true(cache.calculatedSize > 0);
});

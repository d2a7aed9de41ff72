import test from 'ava';
import type { MetricLabels, Metrics } from '../base/index.ts';
import { silentMetrics } from '../base/index.ts';
import { systemTimers } from '../platform/index.ts';
import { bodyJson, configMap, startDoor } from './testing/index.ts';
import { yamlThread } from './yaml-thread.ts';

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const yaml = (text: string) => ({ body: text, headers: { 'content-type': 'application/yaml' } });

function counted(): { readonly metrics: Metrics; readonly counts: [string, MetricLabels | undefined][] } {
  const counts: [string, MetricLabels | undefined][] = [];
  return { counts, metrics: { ...silentMetrics, count: (name, labels) => counts.push([name, labels]) } };
}

/** Bodies that no thread parses. The work on them is one pass over the text. */
const refused: readonly (readonly [string, string, RegExp, string])[] = [
  [
    '280,000 keys',
    lines(280_000, (index) => `k${index}: 1`),
    /YAML: the text has 559999 lines and marks, the limit is/,
    'values',
  ],
  ['1 MB of open brackets', '[ '.repeat(500_000), /YAML: brackets are nested more than 1000 deep/, 'depth'],
  [
    '0.9 MB of anchors',
    lines(80_000, (index) => `- &a${index} 1`),
    /YAML: the text has 80000 anchors and aliases/,
    'copies',
  ],
];

for (const [name, text, message, reason] of refused)
  test(`a body of ${name} is refused before any parser sees it`, async (t) => {
    const { metrics, counts } = counted();
    const { ask } = startDoor({ metrics, parseLongYaml: () => t.fail() as never });
    const answer = bodyJson(await ask('POST', reviews, yaml(text)));
    t.like(answer, { code: 413, reason: 'RequestEntityTooLarge' });
    t.regex(String(answer['message']), message);
    t.deepEqual(
      counts.filter(([metric]) => metric.startsWith('troupe_refused')),
      [['troupe_refused_bodies_total', { input: 'yaml', reason }]],
    );
  });

const data = `data:\n${lines(1000, (index) => `  k${index}: "1"`)}`;
const longConfigMap = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${data}`;
const configMaps = '/api/v1/namespaces/default/configmaps';

test('long YAML is refused where no thread parses it', async (t) => {
  const { ask } = startDoor();
  t.like(bodyJson(await ask('POST', reviews, yaml(longConfigMap))), {
    code: 413,
    message: 'Request entity too large: YAML: the text has 4010 lines and marks, the limit is 800',
  });
});

test('a thread parses long YAML, and tells what is wrong with it as the event loop would', async (t) => {
  const thread = yamlThread(systemTimers);
  t.teardown(thread.close);
  const read = await thread.parse(longConfigMap, 'a');
  t.is(Object.keys((read().value as { data: object }).data).length, 1000);
  t.not(read().value, read().value);
  t.is(read().repeatedKeys, undefined);
  const twice = await thread.parse(`${longConfigMap}\n  k1: "2"`, 'a');
  t.is(twice().repeatedKeys, 'yaml: unmarshal errors:\n  line 1005: key "k1" already set in map');
  const wrong = await thread.parse(`${longConfigMap}\n]`, 'a');
  t.throws(wrong, { message: /^yaml: line 1005: / });
  t.throws(await thread.parse('a: .nan', 'a'), { message: 'yaml: json: unsupported value: NaN' });
});

test('a text that takes too long ends the thread, and the next one finds a new thread', async (t) => {
  const thread = yamlThread(systemTimers, 300);
  t.teardown(thread.close);
  await t.throwsAsync(
    thread.parse(
      lines(60_000, (index) => `k${index}: 1`),
      'a',
    ),
    {
      message: 'Request entity too large: YAML: the text took more than 300 ms or too much memory to parse',
    },
  );
  t.deepEqual((await thread.parse('a: 1', 'a'))().value, { a: 1 });
});

test('texts of a user wait for the thread up to a limit, and leave room for those of others', async (t) => {
  const thread = yamlThread(systemTimers);
  t.teardown(thread.close);
  const order: string[] = [];
  const ask = (text: string, user: string) =>
    thread.parse(text, user).then((read) => {
      order.push(text);
      return read().value;
    });
  const asked = Array.from({ length: 9 }, (_, index) => ask(`a: ${index}`, 'crowd'));
  const other = ask('b: 0', 'other');
  await t.throwsAsync(async () => await asked[8], { message: 'too many long YAML texts wait to be parsed' });
  t.deepEqual(
    await Promise.all(asked.slice(0, 8)),
    Array.from({ length: 8 }, (_, index) => ({ a: index })),
  );
  t.deepEqual(await other, { b: 0 });
  t.true(order.indexOf('b: 0') <= 2);
});

test('what the thread read is what the request says, and JSON needs no thread', async (t) => {
  const texts: string[] = [];
  const thread = yamlThread(systemTimers);
  t.teardown(thread.close);
  const { ask } = startDoor({
    parseLongYaml: (text, user) => {
      texts.push(text);
      return thread.parse(text, user);
    },
  });
  const spec = `spec: {resourceAttributes: {verb: get, resource: pods}}`;
  const review = `kind: SelfSubjectAccessReview\napiVersion: authorization.k8s.io/v1\n${spec}\n${'#\n'.repeat(600)}`;
  t.like(await ask('POST', reviews, yaml(review)), { status: 201 });
  t.deepEqual(texts, [review]);
  const json = JSON.stringify({
    ...configMap('a'),
    data: Object.fromEntries(lines(999, String).split('\n').entries()),
  });
  t.not((await ask('POST', configMaps, yaml(json))).status, 413);
  t.is(texts.length, 1);
});

test('a method that is called as a member of every object is unknown as others are', async (t) => {
  const { ask } = startDoor();
  for (const name of ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty']) {
    for (const asked of [{ user: 'admin' }, {}])
      t.true((await ask(name, '/api/v1/namespaces/n/configmaps/a', asked)).status < 500, name);
  }
});

test('made-up methods are counted as one', async (t) => {
  const { metrics, counts } = counted();
  const { ask, time } = startDoor({ metrics });
  for (let index = 0; index < 100; index += 1) await ask(`MADE-UP-${index}`, '/x');
  time.pass(60_000);
  await ask('GET', '/x');
  const verbs = counts.filter(([name]) => name === 'apiserver_request_total').map(([, labels]) => labels?.['verb']);
  t.deepEqual([...new Set(verbs)].sort(), ['GET', 'other']);
});

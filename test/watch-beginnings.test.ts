import test from 'ava';
import { silentMetrics, Turns } from '../src/base/index.ts';
import { startHarness } from '../src/resources/testing/harness.ts';
import { systemClock, systemTimers } from '../src/platform/index.ts';
import { startDoor, streamOf } from '../src/api-server/testing/index.ts';

const maps = '/api/v1/namespaces/default/configmaps';

test('a watch that begins with large objects tells them in turns, in order, then what came meanwhile', async (t) => {
  const turns = new Turns({ clock: systemClock, timers: systemTimers });
  const { service } = await startHarness({ turns });
  const door = startDoor({ service, turns, metrics: silentMetrics });
  const create = async (name: string, size: number): Promise<void> => {
    const body = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { a: 'x'.repeat(size) } };
    t.is((await door.ask('POST', maps, { body: JSON.stringify(body) })).status, 201);
  };
  for (let i = 0; i < 8; i += 1) await create(`large-${i}`, 100_000);
  const accept = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
  const url = `${maps}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`;
  const sinks = [streamOf(await door.ask('GET', url)), streamOf(await door.ask('GET', url, { headers: accept }))];
  t.true(
    sinks.every(({ text }) => !text.includes('large-7')),
    'not all at once',
  );
  await create('later', 1);
  const until = Date.now() + 5_000;
  while (sinks.some(({ text }) => !text.includes('"later"')) && Date.now() < until)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  for (const { text } of sinks) {
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name?: string } } });
    t.deepEqual(
      events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`),
      [...Array.from({ length: 8 }, (_, i) => `ADDED large-${i}`), 'BOOKMARK ', 'ADDED later'],
    );
  }
});

import test from 'ava';
import { type Event, resources } from '../api/index.ts';
import { deletePod, pass, world } from './agent.fixture.ts';

test('events of probes and hooks say in which list of the pod their container stands', async (t) => {
  const w = await world(t, { exec: () => ({ exitCode: 1 }) });
  const fails = { exec: { command: ['fail'] } };
  const container = { image: 'web:1', readinessProbe: fails, lifecycle: { preStop: fails } };
  await w.pod('web', {
    initContainers: [{ ...container, name: 'proxy', restartPolicy: 'Always' }],
    containers: [{ ...container, name: 'main' }],
  });
  await pass(w.time, 20_000);
  await deletePod(w, 'web');
  await pass(w.time, 40_000);
  const places = (reason: string): (string | undefined)[] =>
    w.api
      .list<Event>(resources.events)
      .filter((event) => event.reason === reason)
      .map(({ involvedObject }) => involvedObject.fieldPath)
      .sort();
  const both = ['spec.containers{main}', 'spec.initContainers{proxy}'];
  t.deepEqual(places('Unhealthy'), both);
  t.deepEqual(places('FailedPreStopHook'), both);
});

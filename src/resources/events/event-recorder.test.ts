import test from 'ava';
import type { Event, KubeObject } from '../../api/index.ts';
import { StatusError } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { ResourceClient } from '../client.ts';
import { type EventRecorder, eventRecorder } from './index.ts';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u' } };

interface World {
  readonly time: SimulatedTime;
  readonly events: Map<string, Event>;
  readonly recorder: EventRecorder;
}

function world(source: Parameters<typeof eventRecorder>[0] = { component: 'test' }, pauseMs?: number): World {
  const time = new SimulatedTime();
  const events = new Map<string, Event>();
  const client = {
    create: (place: { readonly namespace?: string }, event: Event) => {
      events.set(`${place.namespace}/${event.metadata.name}`, event);
      return Promise.resolve();
    },
    patch: (place: { readonly namespace?: string; readonly name: string }, { body }: { readonly body: object }) => {
      const known = events.get(`${place.namespace}/${place.name}`);
      if (known === undefined) return Promise.reject(new StatusError('NotFound', place.name));
      events.set(`${place.namespace}/${place.name}`, { ...known, ...body });
      return Promise.resolve();
    },
  } as unknown as ResourceClient;
  const pause = pauseMs === undefined ? undefined : { timers: time, ms: pauseMs };
  return { time, events, recorder: eventRecorder(source, { client, clock: time, log: silentLogger, pause }) };
}

test('equal events are counted, many similar ones become one, and a flood is cut', async (t) => {
  const { time, events, recorder } = world();
  for (let i = 0; i < 3; i++) recorder.event(pod, 'Normal', 'Same', 'message');
  for (let i = 0; i < 15; i++) recorder.event(pod, 'Normal', 'Similar', `message ${String(i)}`);
  for (let i = 0; i < 50; i++) recorder.event(pod, 'Warning', 'Flood', 'again');
  await time.settle();
  const written = [...events.values()];
  t.is(written.find(({ reason }) => reason === 'Same')?.count, 3);
  t.is(written.filter(({ reason }) => reason === 'Similar').length, 10);
  t.like(
    written.find(({ message }) => message?.startsWith('(combined from similar events): ')),
    { message: '(combined from similar events): message 14', count: 6 },
  );
  t.is(written.find(({ reason }) => reason === 'Flood')?.count, 7);
});

test('an event says who reports it and which part it is about; parts are counted apart', async (t) => {
  const { time, events, recorder } = world({ component: 'kubelet', host: 'node-1' });
  for (const name of ['a', 'b', 'a']) recorder.event(pod, 'Normal', 'Started', 'it runs', `spec.containers{${name}}`);
  recorder.event({ ...pod, metadata: { name: 'node-1', uid: 'node-1' } }, 'Normal', 'Starting', 'of no namespace');
  await time.settle();
  t.deepEqual(
    [...events.values()].map(({ involvedObject, count, source, metadata }) => [
      involvedObject.fieldPath,
      count,
      source?.host,
      metadata.namespace,
    ]),
    [
      ['spec.containers{a}', 2, 'node-1', 'shop'],
      ['spec.containers{b}', 1, 'node-1', 'shop'],
      [undefined, 1, 'node-1', 'default'],
    ],
  );
});

test('an event that has expired is written again, and one that nobody takes harms nobody', async (t) => {
  const { time, events, recorder } = world();
  recorder.event(pod, 'Normal', 'Same', 'message');
  await time.settle();
  events.clear();
  recorder.event(pod, 'Normal', 'Same', 'message');
  await time.settle();
  t.deepEqual(
    [...events.values()].map(({ count }) => count),
    [1],
  );
});

test('events wait for their pause, and are dropped when their component ends', async (t) => {
  const { time, events, recorder } = world(undefined, 60);
  recorder.event(pod, 'Normal', 'One', 'message');
  await time.settle();
  t.is(events.size, 0);
  await time.run(60);
  t.is(events.size, 1);
  recorder.event(pod, 'Normal', 'Two', 'message');
  recorder.close();
  recorder.event(pod, 'Normal', 'Three', 'message');
  await time.run(1_000);
  t.is(events.size, 1);
});

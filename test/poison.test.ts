import test from 'ava';
import { createActorSystem } from '../src/actors/index.ts';
import { limits, silentLogger, silentMetrics } from '../src/base/index.ts';
import { MemoryCluster } from '../src/controllers/runtime/memory-cluster.fixture.ts';
import { type Controller, runController } from '../src/controllers/index.ts';
import { eventRecorder } from '../src/resources/index.ts';
import { reportCrashes } from '../src/main/member/crash-events.ts';
import { SimulatedTime } from '../src/platform/index.ts';

const maps = { group: '', resource: 'configmaps' };
const map = (name: string): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns', uid: `uid-${name}` },
});
const nameOf = (object: unknown): string => (object as { readonly metadata: { readonly name: string } }).metadata.name;

test('an object that always crashes its actor is parked with an Event, and disturbs no other', async (t) => {
  const time = new SimulatedTime(0, 40);
  const cluster = new MemoryCluster();
  const system = createActorSystem({
    name: 'test',
    clock: time,
    timers: time,
    log: silentLogger,
    metrics: silentMetrics,
    encodeSends: true,
  });
  const done: string[] = [];
  let poisonous = true;
  const controller: Controller = {
    name: 'test-controller',
    resource: maps,
    keysFor: ({ resource, object }) => (resource.resource === 'configmaps' ? [`ns/${nameOf(object)}`] : []),
    reconcile: (key) => {
      if (poisonous && key === 'ns/ill') return Promise.reject(new Error('it cannot be read'));
      done.push(key);
      return Promise.resolve(undefined);
    },
  };
  const events = eventRecorder({ component: 'troupe' }, { client: cluster.client, clock: time, log: silentLogger });
  const unreport = reportCrashes({ system, view: cluster.view, events, resources: new Map([[controller.name, maps]]) });
  for (const name of ['ill', 'well']) await cluster.make(maps, map(name));
  runController(controller, cluster.ports, { system, clock: time, timers: time });
  const addressOf = (name: string): string =>
    system
      .tree()
      .children[0]?.children.flatMap(({ children }) => children)
      .find(({ name: key }) => key === `ns/${name}`)?.address ?? '';
  for (let minute = 0; minute < 10 && system.find(addressOf('ill'))?.state !== 'parked'; minute++) {
    await time.run(60_000);
    await cluster.make(maps, map(`new-${minute}`));
  }
  await time.run(1_000);

  const ill = system.find(addressOf('ill'));
  t.like(ill, {
    state: 'parked',
    restarts: 20,
    lastCrash: { messageType: 'wake', error: 'it cannot be read', count: 21 },
  });
  t.is(system.find(addressOf('well')), undefined, 'it was idle, and left memory');
  t.true(
    done.includes('ns/well') && done.filter((key) => key.startsWith('ns/new-')).length >= 3,
    'its neighbours were served all the while',
  );
  const told = cluster.view.list<{
    readonly involvedObject: { readonly name: string };
    readonly reason: string;
    readonly message: string;
    readonly count: number;
  }>({ group: '', resource: 'events' });
  t.deepEqual([...new Set(told.map(({ involvedObject }) => involvedObject.name))], ['ill']);
  const parked = told.find(({ reason }) => reason === 'ActorParked');
  t.regex(
    parked?.message ?? '',
    new RegExp(
      'spent its restarts on wake and rests; to try it at once, ' +
        'restart the actor test-controller/\\d/ns/ill: it cannot be read',
    ),
  );
  t.deepEqual(
    told.map(({ reason, count }) => [reason, count]).sort(),
    [
      ['ActorCrashed', 21],
      ['ActorParked', 1],
    ],
    'equal Events are counted, not repeated',
  );

  poisonous = false;
  await time.run(limits.parkedMs + 1_000);
  t.true(done.includes('ns/ill'), 'after its rest it is tried again by itself');
  t.not(system.find(addressOf('ill'))?.state, 'parked');
  unreport();
  await system.stop();
});

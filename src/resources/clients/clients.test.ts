import test from 'ava';
import { type KubeObject, StatusError } from '../../api/index.ts';
import { noTraces, silentLogger, type Trace, traceparentOf } from '../../base/index.ts';
import { type Bus, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { ApiRequest } from '../../protocol/index.ts';
import { actOn, type ObjectChange } from '../client.ts';
import { factsOf } from '../stored/facts.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { busClient, busView, localClient, storeView } from './index.ts';

const configMaps = { group: '', resource: 'configmaps' };
const ref = (name: string): { group: string; resource: string; namespace: string; name: string } => ({
  ...configMaps,
  namespace: 'default',
  name,
});
const user = { name: 'system:serviceaccount:kube-system:replicaset-controller', groups: [] };
const namesOf = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name ?? '');

test('the local client reads and writes through the write path', async (t) => {
  const h = await startHarness();
  const client = localClient(h.service, user);
  const { object: made } = await client.create(
    { ...configMaps, namespace: 'default' },
    { metadata: { name: 'x' }, data: { a: '1' } },
  );
  t.is(made.metadata.managedFields?.[0]?.manager, 'kube-controller-manager');
  const { object: scheduled } = await localClient(h.service, { name: 'system:kube-scheduler', groups: [] }).create(
    { ...configMaps, namespace: 'default' },
    { metadata: { name: 's' }, data: { a: '1' } },
  );
  t.is(scheduled.metadata.managedFields?.[0]?.manager, 'kube-scheduler');
  await client.patch(ref('x'), { type: 'merge', body: { data: { b: '2' } } });
  t.deepEqual((await client.get(ref('x')))['data'], { a: '1', b: '2' });
  t.deepEqual(namesOf((await client.list({ ...configMaps, namespace: 'default' })).items), ['s', 'x']);
  await client.delete(ref('x'));
  await t.throwsAsync(client.get(ref('x')), { instanceOf: StatusError, message: 'configmaps "x" not found' });
});

test(
  'a change is parsed only for who looks at its object, and a listener that fails keeps nobody else from ' + 'hearing',
  async (t) => {
    const h = await startHarness();
    const view = storeView(h.store);
    const heard: string[] = [];
    const stops = [
      view.onChange(() => {
        throw new Error('a defect');
      }),
      view.onChange(({ resource, facts }) => {
        heard.push(
          `${resource.resource} ${facts?.object.index.labels['app'] ?? ''} ${String(facts?.previous === undefined)}`,
        );
      }),
    ];
    const record = {
      key: '/core/configmaps/default/x',
      revision: 2,
      createRevision: 2,
      bytes: new Uint8Array(),
      index: { uid: 'u', labels: { app: 'a' }, fields: {}, owners: [] },
      object: () => {
        throw new Error('parsed');
      },
    };
    h.store.onApplied((events) => {
      t.is(events.length, 1);
    });
    t.throws(
      () => {
        h.store.tell([{ type: 'put', revision: 2, record } as never]);
      },
      { message: 'a defect' },
    );
    for (const stop of stops) stop();
    h.store.tell([{ type: 'put', revision: 2, record } as never]);
    t.deepEqual(heard, ['configmaps a true']);
  },
);

test(
  'a listener hears of the kinds that it asked for alone, and of nothing once it left, even by the hand of ' +
    'another listener',
  async (t) => {
    const h = await startHarness();
    const view = storeView(h.store);
    const heard: string[] = [];
    const stops = [
      view.onChange(
        ({ object }) => {
          heard.push(`pods ${object.metadata.name ?? ''}`);
        },
        [{ group: '', resource: 'pods' }],
      ),
      view.onChange(({ object }) => {
        if (object.metadata.name === 'last') for (const stop of stops) stop();
      }),
      view.onChange(
        ({ object }) => {
          heard.push(`maps ${object.metadata.name ?? ''}`);
        },
        [configMaps, { group: 'apps', resource: 'deployments' }],
      ),
    ];
    for (const name of ['first', 'last', 'unheard'])
      await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name } });
    t.deepEqual(heard, ['maps first']);
  },
);

test('a listener acts on a change within the trace of the request that caused it', async (t) => {
  const h = await startHarness();
  const entered: (Trace | undefined)[] = [];
  const view = storeView(h.store, {
    ...noTraces,
    run: (trace, call) => {
      entered.push(trace);
      return call();
    },
  });
  const heard: string[] = [];
  view.onChange(() => {
    heard.push('looks');
  });
  view.onChange((change) => {
    actOn(change, () => {
      heard.push('acts');
    });
  });
  const record = {
    key: '/core/configmaps/default/x',
    revision: 2,
    createRevision: 2,
    bytes: new Uint8Array(),
    index: { uid: 'u', labels: {}, fields: {}, owners: [] },
    object: () => ({}),
  };
  const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
  h.store.tell([{ type: 'put', revision: 2, record, trace: traceparentOf(trace) } as never]);
  t.deepEqual([heard, entered], [['looks', 'acts'], [trace]]);
});

test(
  'the facts of a view tell objects apart without parsing them, and those of parsed objects say the ' + 'same',
  async (t) => {
    const h = await startHarness();
    const view = storeView(h.store);
    const template = { spec: { containers: [{ name: 'c', image: 'i' }] } };
    for (const [name, node] of [
      ['x', 'n1'],
      ['y', 'n2'],
      ['z', ''],
    ])
      await h.post('/api/v1/namespaces/default/pods', {
        metadata: { name, labels: { app: name } },
        spec: { ...template.spec, ...(node === '' ? {} : { nodeName: node }) },
      });
    const pods = { group: '', resource: 'pods' };
    const onNode = { namespace: 'default', field: { name: 'spec.nodeName', value: 'n2' } };
    for (const facts of [view.facts(pods, onNode), factsOf(pods, view.list(pods), onNode)]) {
      t.deepEqual(
        facts.map((pod) => pod.index.labels),
        [{ app: 'y' }],
      );
      t.deepEqual(
        facts.map((pod) => pod.object().metadata.name),
        ['y'],
      );
    }
    t.deepEqual(
      view.facts(pods).map((pod) => pod.mentions('"nodeName"')),
      [true, true, false],
    );
    t.deepEqual(view.facts(pods, { namespace: 'kube-system' }), []);
    await h.post('/api/v1/nodes', { metadata: { name: 'n1' } });
    const named = (name: string) => ({ field: { name: 'metadata.name', value: name } });
    const found = (resource: typeof pods, query: object): readonly string[] =>
      view.facts(resource, query).map(({ index }) => index.fields['metadata.name'] ?? '');
    const nodes = { group: '', resource: 'nodes' };
    t.deepEqual([found(nodes, named('n1')), found(nodes, named('n2'))], [['n1'], []]);
    t.deepEqual(found(pods, named('x')), ['x'], 'of all namespaces');
    t.deepEqual(found(pods, { ...named('x'), namespace: 'default' }), ['x']);
    t.deepEqual(found(pods, { ...named('x'), namespace: 'kube-system' }), []);
  },
);

test('the store view shows every change with what was before', async (t) => {
  const h = await startHarness();
  const view = storeView(h.store);
  const changes: string[] = [];
  const stop = view.onChange(({ type, object, previous }) => {
    changes.push(`${type} ${object.metadata.name ?? ''} ${previous === undefined ? 'new' : 'known'}`);
  });
  const owner = await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'owner' } });
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
  await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'x', ownerReferences } });
  await h.remove('/api/v1/namespaces/default/configmaps/x');
  stop();
  await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'y', ownerReferences } });
  t.deepEqual(changes, ['put owner new', 'put x new', 'delete x known']);
  t.deepEqual(namesOf(view.ownedBy(configMaps, owner.metadata.uid ?? '')), ['y']);
  t.is(view.get(configMaps, 'default', 'y')?.metadata.name, 'y');
});

const bytesOf = (message: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(message));

/** What a door does with get, create, list and watch, as far as a view needs it. */
function fakeDoor(h: Harness, bus: Bus): { watches: { send(message: unknown): void }[]; deaf: boolean } {
  const door = { watches: [] as { send(message: unknown): void }[], deaf: false };
  bus.subscribe('troupe.local.api', ({ payload, reply = '', headers }) => {
    if (door.deaf) return;
    const request = JSON.parse(new TextDecoder().decode(payload)) as ApiRequest;
    const answer = (status: number, body: unknown): void => {
      bus.publish(reply, bytesOf({ status, headers: {}, body }));
    };
    const collection = `/api/v1/namespaces/${request.namespace ?? ''}/${request.resource}`;
    const path = request.name === undefined ? collection : `${collection}/${request.name}`;
    if (headers?.['Authorization'] !== 'Bearer secret')
      return answer(401, { message: 'Unauthorized', reason: 'Unauthorized' });
    if (request.verb === 'watch') {
      let seq = 0;
      const send = (message: object): void => {
        bus.publish(reply, bytesOf({ seq: ++seq, ...message }), { reply: '_INBOX.%member.control' });
      };
      door.watches.push({
        send: (message) => {
          bus.publish(reply, bytesOf(message));
        },
      });
      void h.service.watch(
        h.target(path),
        { resourceVersion: String(request.query?.['resourceVersion'] ?? '') },
        (events) => {
          for (const event of events)
            if ('record' in event) send({ event: { type: event.type, object: event.record.object() } });
          return true;
        },
      );
    } else if (request.verb === 'list') {
      void h.service.list(h.target(path), {}).then(({ records, revision }) => {
        answer(200, {
          metadata: { resourceVersion: String(revision) },
          items: records.map((record) => record.object()),
        });
      });
    } else if (request.verb === 'create')
      void h.post(path, request.body).then((object) => {
        answer(201, object);
      });
    else
      void h.get(path).then(
        (object) => {
          answer(200, object);
        },
        (error: StatusError) => {
          answer(error.code, error.body());
        },
      );
  });
  return door;
}

async function overBus(): Promise<{
  h: Harness;
  door: ReturnType<typeof fakeDoor>;
  bus: Bus;
  ports: Parameters<typeof busClient>[0];
}> {
  const h = await startHarness();
  const network = new SimulatedNetwork(h.timers);
  const door = fakeDoor(h, network.client('member'));
  const bus = network.client('node');
  return { h, door, bus, ports: { bus, timers: h.timers, cluster: 'local', token: 'secret', deadlineMs: 1_000 } };
}

async function inTime<T>(h: Harness, call: Promise<T>, ms = 10): Promise<T> {
  await h.timers.pass(ms);
  return call;
}

test('the bus client gets answers, failures, and 503 when nobody answers', async (t) => {
  const { h, door, ports } = await overBus();
  const client = busClient(ports);
  t.is(
    (await inTime(h, client.create({ ...configMaps, namespace: 'default' }, { metadata: { name: 'x' } }))).object
      .metadata.name,
    'x',
  );
  t.is((await inTime(h, client.get(ref('x')))).metadata.name, 'x');
  const missing = client.get(ref('nowhere')).catch((error: unknown) => error);
  t.like(await inTime(h, missing), { code: 404, message: 'configmaps "nowhere" not found' });
  door.deaf = true;
  const lost = client.get(ref('x')).catch((error: unknown) => error);
  t.like(await inTime(h, lost, 2_000), { code: 503 });
});

test('the bus view follows its watch, goes on after a gap, and tells what differs', async (t) => {
  const { h, door, ports } = await overBus();
  const path = '/api/v1/namespaces/default/configmaps';
  await h.post(path, { metadata: { name: 'a' } });
  const view = busView({ ...ports, log: silentLogger, queries: [{ ...configMaps, namespace: 'default' }] });
  const changes: string[] = [];
  view.onChange(({ type, object }: ObjectChange) => {
    changes.push(`${type} ${object.metadata.name ?? ''}`);
  });
  await inTime(h, view.synced());
  await h.post(path, { metadata: { name: 'b' } });
  await h.timers.pass(10);
  t.deepEqual(namesOf(view.list(configMaps, 'default')), ['a', 'b']);
  door.watches[0]?.send({ seq: 99, event: { type: 'MODIFIED', object: {} } });
  await h.timers.pass(10);
  await h.remove(`${path}/a`);
  await h.timers.pass(1_000);
  t.deepEqual(namesOf(view.list(configMaps)), ['b']);
  t.deepEqual(changes, ['put a', 'put b', 'delete a']);
  t.is(door.watches.length, 2);
  view.close();
});

test('a view that is in step does not wait for what it could do without', async (t) => {
  const { h, ports } = await overBus();
  const refused = { group: '', resource: 'secrets', namespace: 'default', fieldSelector: 'spec.nothing=x' };
  const queries = [
    { ...configMaps, namespace: 'default' },
    { ...refused, optional: true },
  ];
  const view = busView({ ...ports, log: silentLogger, queries });
  await inTime(h, view.synced());
  t.deepEqual(view.list(refused), []);
  view.close();
});

test('a silent watch is opened again where it was', async (t) => {
  const { h, door, ports } = await overBus();
  const view = busView({ ...ports, log: silentLogger, queries: [{ ...configMaps, namespace: 'default' }] });
  await inTime(h, view.synced());
  await h.timers.pass(26_000);
  t.is(door.watches.length, 2);
  view.close();
});

test(
  'a request that is under way when the connection breaks fails at once, since its answer may never come; one ' +
    'that is made without a connection is sent when it is back',
  async (t) => {
    const time = new SimulatedTime();
    const listeners: ((status: 'connected' | 'disconnected' | 'closed') => void)[] = [];
    const tell = (status: 'connected' | 'disconnected' | 'closed'): void => {
      for (const listener of listeners) listener(status);
    };
    const network = new SimulatedNetwork(time);
    const bus: Bus = Object.assign(network.client('node'), {
      onStatus: (listener: (status: 'connected' | 'disconnected' | 'closed') => void) => {
        listeners.push(listener);
      },
    });
    let asked = 0;
    network.client('door').subscribe('troupe.test.api', () => {
      asked += 1;
    });
    const client = busClient({ bus, timers: time, cluster: 'test', token: 'secret', deadlineMs: 10_000 });
    const first = client.get(ref('x'));
    tell('disconnected');
    t.is((await t.throwsAsync(first, { instanceOf: StatusError, message: /connection/ }))?.code, 503);
    await time.run(100);
    t.is(asked, 1);
    const second = client.get(ref('x')).catch((error: unknown) => error);
    const third = client.get(ref('x')).catch((error: unknown) => error);
    await time.run(100);
    t.is(asked, 1, 'what is published without a connection would be lost');
    tell('connected');
    await time.run(100);
    t.is(asked, 3);
    tell('closed');
    for (const answer of [second, third]) t.like(await answer, { code: 503 });
  },
);

test(
  'a watch whose member fell silent is opened again at once, and requests that wait longer than a living one ' +
    'takes are refused as retryable',
  async (t) => {
    const { h, door, bus, ports } = await overBus();
    const view = busView({ ...ports, log: silentLogger, queries: [{ ...configMaps, namespace: 'default' }] });
    await inTime(h, view.synced());
    const { gone } = subjectsOf('local');
    bus.publish(gone('other'), new Uint8Array());
    await h.timers.pass(500);
    // It has sent nothing yet, so that it may be at any member.
    t.is(door.watches.length, 2);
    await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' } });
    await h.timers.pass(10);
    bus.publish(gone('other'), new Uint8Array());
    await h.timers.pass(500);
    t.is(door.watches.length, 2, "what steers it is another member's");
    door.deaf = true;
    const waiting = busClient(ports)
      .get(ref('a'))
      .catch((error: unknown) => error);
    await h.timers.pass(10);
    bus.publish(gone('member'), new Uint8Array());
    door.deaf = false;
    t.like(await inTime(h, waiting, 600), { code: 503 });
    await h.timers.pass(1_000);
    t.is(door.watches.length, 3);
    t.deepEqual(namesOf(view.list(configMaps)), ['a']);
    view.close();
  },
);

test('a local client with a check asks about each call and does what is allowed alone', async (t) => {
  const h = await startHarness();
  const asked: string[] = [];
  const client = localClient(
    h.service,
    user,
    ({ verb, group, resource, subresource, namespace, name, ...question }) => {
      t.is(question.user, user);
      asked.push([verb, group, resource, subresource, namespace, name].join(' '));
      if (verb === 'delete') throw new StatusError('Forbidden', 'not you');
    },
  );
  await client.create({ ...configMaps, namespace: 'default' }, { metadata: { name: 'x' } });
  await client.patch(ref('x'), { type: 'merge', body: { data: { b: '2' } } });
  await client.get(ref('x'));
  await client.list(configMaps);
  await t.throwsAsync(client.delete(ref('x')), { message: 'not you' });
  await t.throwsAsync(
    client.update({ group: '', resource: 'namespaces', name: 'default' }, {}, { subresource: 'status' }),
  );
  await client.deleteCollection({ ...configMaps, namespace: 'default' });
  t.deepEqual(asked, [
    'create  configmaps  default ',
    'patch  configmaps  default x',
    'get  configmaps  default x',
    'list  configmaps   ',
    'delete  configmaps  default x',
    'update  namespaces status  default',
    'deletecollection  configmaps  default ',
  ]);
});

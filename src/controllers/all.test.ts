import test from 'ava';
import { allResources, type GroupResource, resources } from '../api/index.ts';
import { controllerRules, type ObjectChange, ownControllerRoles } from '../resources/index.ts';
import { createActorSystem } from '../actors/index.ts';
import { silentLogger, silentMetrics } from '../base/index.ts';
import { SimulatedTime } from '../platform/index.ts';
import { localVolumes } from '../protocol/index.ts';
import { accountOf } from './accounts.ts';
import { allControllers } from './all.ts';
import { daemonSetController } from './daemon-set/controller.ts';
import { loadBalancerController } from './load-balancer/controller.ts';
import { Harness, MemoryCluster } from './runtime/memory-cluster.fixture.ts';
import { isOf, runController } from './runtime/index.ts';

const fields = { 'metadata.name': 'c', 'metadata.namespace': 'ns' };
const parsed = (): never => {
  throw new Error('parsed');
};
const facts = {
  index: { uid: 'u', labels: {}, fields, owners: [] },
  mentions: () => false,
  object: parsed,
  read: parsed,
};

/** A change of an object that nobody works on; whoever looks at it fails. */
function unread(
  resource: GroupResource,
  { type = 'put', previous }: { readonly type?: ObjectChange['type']; readonly previous: boolean },
): ObjectChange {
  return {
    type,
    resource,
    get object(): never {
      throw new Error('parsed');
    },
    get previous(): never {
      throw new Error('parsed');
    },
    facts: previous ? { object: facts, previous: facts } : { object: facts },
  };
}

const never = (): never => {
  throw new Error('not asked for');
};
const controllers = allControllers({
  rootCertificates: () => '',
  isReplacedToken: never,
  nodeSilentMs: 5_000,
  nodeHeardAt: () => undefined,
  served: allResources,
  podMetrics: never,
  adapterMetrics: never,
  quotaUsage: never,
  issueToken: never,
  signCertificate: never,
  mayHaveCertificate: never,
  probeApi: never,
  localVolumes: { isDefault: true },
  devices: true,
});

test('no controller parses a ConfigMap that it does not work on, be it new or changed', (t) => {
  const { ports } = new MemoryCluster();
  const configMaps = { group: '', resource: 'configmaps' };
  for (const controller of controllers)
    for (const previous of [false, true])
      t.deepEqual(controller.keysFor(unread(configMaps, { previous }), ports), [], controller.name);
});

test('a controller is woken by changes and deletions of the kinds that it watches alone', (t) => {
  const { ports } = new MemoryCluster();
  for (const controller of controllers) {
    const { watches } = controller;
    if (watches === undefined) continue;
    t.true(
      watches.some((resource) => isOf({ resource }, controller.resource)) || controller.initialKeys !== undefined,
      controller.name,
    );
    for (const { storage } of allResources().filter(
      (info) => !watches.some((resource) => isOf({ resource: info.storage }, resource)),
    )) {
      for (const type of ['put', 'delete'] as const)
        t.deepEqual(
          controller.keysFor(unread(storage, { type, previous: true }), ports),
          [],
          `${controller.name}, ${storage.resource}`,
        );
    }
  }
});

/** How many objects controllers list when one more node comes to so many, and when it changes. */
async function listedFor(nodes: number, annotations: Readonly<Record<string, string>>): Promise<number> {
  const cluster = new MemoryCluster();
  const harness = new Harness(
    cluster,
    controllers.filter(({ watches }) => watches?.some((resource) => isOf({ resource }, resources.nodes))),
  );
  const make = (name: string): Promise<unknown> =>
    cluster.make(resources.nodes, {
      metadata: { name, annotations },
      spec: {},
      status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' }] },
    });
  for (let i = 0; i < nodes; i++) {
    await make(`node-${i}`);
    await harness.settle();
  }
  const { list } = cluster.view;
  let listed = 0;
  Object.assign(cluster.view, {
    list: (...args: Parameters<typeof list>) => {
      const found = list(...args);
      listed += found.length;
      return found;
    },
  });
  await make('one-more');
  await harness.settle();
  const { client } = cluster;
  const body = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
  await client.patch({ ...resources.nodes, name: 'one-more' }, { type: 'merge', body }, { subresource: 'status' });
  await harness.settle();
  return listed;
}

test('what controllers look at for a node does not grow with how many there are', async (t) => {
  for (const annotations of [{}, { [localVolumes.folderAnnotation]: '/volumes' }])
    t.is(await listedFor(60, annotations), await listedFor(3, annotations));
});

/**
 * How many objects controllers list in a second in which a node changes each 5 ms, where all of them matter: for a
 * DaemonSet, and for a Service that shows the nodes' addresses.
 */
async function listedInBusySecond(nodes: number): Promise<number> {
  const cluster = new MemoryCluster();
  const time = new SimulatedTime(0, 20);
  const log = silentLogger;
  const system = createActorSystem({ name: 'test', clock: time, timers: time, log, metrics: silentMetrics });
  const status = { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '' }] };
  for (let i = 0; i < nodes; i++)
    await cluster.make(resources.nodes, { metadata: { name: `node-${i}` }, spec: {}, status });
  const template = { metadata: { labels: { app: 'd' } }, spec: { containers: [], nodeSelector: { none: 'here' } } };
  const namespace = 'ns';
  const set = { selector: { matchLabels: { app: 'd' } }, template };
  await cluster.make(resources.daemonSets, { metadata: { name: 'd', namespace }, spec: set });
  await cluster.make(resources.services, { metadata: { name: 's', namespace }, spec: { type: 'LoadBalancer' } });
  const { list } = cluster.view;
  let listed = 0;
  Object.assign(cluster.view, {
    list: (...args: Parameters<typeof list>) => {
      const found = list(...args);
      listed += found.length;
      return found;
    },
  });
  const running = [daemonSetController(), loadBalancerController({ reservedPorts: [] })].map((controller) =>
    runController(controller, { ...cluster.ports, clock: time }, { system, clock: time, timers: time }),
  );
  await time.run(10);
  for (let i = 0; i < 200; i++) {
    const body = {
      metadata: { labels: { changed: String(i) } },
      status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${i}` }] },
    };
    await cluster.client.patch({ ...resources.nodes, name: `node-${i % nodes}` }, { type: 'merge', body });
    await time.run(5);
  }
  for (const one of running) one.stop();
  return listed;
}

test('what looks at all nodes looks at no more of them in a second when there are ten times as many', async (t) => {
  const few = await listedInBusySecond(150);
  t.true(few > 150 * 100, 'among few, nearly each change is followed at once');
  t.true((await listedInBusySecond(1_500)) <= few);
});

test('every controller has an account of kube-system with a role of its own', (t) => {
  for (const name of [...controllers.map((one) => one.name), 'service-lb-controller'])
    t.true(controllerRules(accountOf(name)).length > 0, name);
});

test('what goes beyond the roles of Kubernetes is said of accounts that controllers have, and explained', (t) => {
  const names = new Set([
    ...controllers.map(({ name }) => accountOf(name)),
    'ingress-class-controller',
    'ingress-controller',
  ]);
  for (const { name, why } of ownControllerRoles) {
    t.true(names.has(name), name);
    t.regex(why, /^[A-Z].+\.$/, name);
  }
});

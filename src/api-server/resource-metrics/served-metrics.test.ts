import test from 'ava';
import { type KubeObject, StatusError } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { encode, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { ResourceClient, ResourceView } from '../../resources/index.ts';
import { serveResourceMetrics } from './served-metrics.ts';

const name = 'v1beta1.metrics.k8s.io';
const role = 'system:aggregated-metrics-reader';

interface World {
  readonly objects: Map<string, KubeObject>;
  readonly calls: string[];
  failure: StatusError | undefined;
  serve(enabled: boolean): number;
  report(): Promise<void>;
}

function world(): World {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const objects = new Map<string, KubeObject>();
  const calls: string[] = [];
  const client = {
    create: (ref: { readonly name: string }, object: KubeObject) => {
      calls.push(`create ${ref.name}`);
      if (made.failure !== undefined) return Promise.reject(made.failure);
      if (objects.has(ref.name)) return Promise.reject(new StatusError('AlreadyExists', 'it is there'));
      objects.set(ref.name, object);
      return Promise.resolve(object);
    },
    delete: (ref: { readonly name: string }) => {
      calls.push(`delete ${ref.name}`);
      objects.delete(ref.name);
      return Promise.resolve();
    },
  } as unknown as ResourceClient;
  const view = {
    get: (_resource: unknown, _namespace: unknown, key: string) => objects.get(key),
    facts: () => [],
  } as unknown as ResourceView;
  const agent = network.client('agent');
  const made: World = {
    objects,
    calls,
    failure: undefined,
    serve: (enabled) =>
      serveResourceMetrics(
        { bus: network.client('member'), view, client, clock: time, log: silentLogger },
        { cluster: 'c', enabled },
      ).own.length,
    report: async () => {
      agent.publish(subjectsOf('c').nodeUsage('n'), encode({ periodMs: 15_000, pods: [] }));
      await time.run(10);
    },
  };
  return made;
}

test('the first report makes the role, then the APIService; later ones make nothing', async (t) => {
  const w = world();
  t.is(w.serve(true), 1);
  t.deepEqual(w.calls, []);
  await w.report();
  await w.report();
  t.deepEqual(w.calls, [`create ${role}`, `create ${name}`]);
  t.like(w.objects.get(role), {
    metadata: {
      labels: {
        'rbac.authorization.k8s.io/aggregate-to-view': 'true',
        'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
        'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
      },
    },
  });
  t.like(w.objects.get(name), { spec: { group: 'metrics.k8s.io', version: 'v1beta1' } });
});

test('what could not be made is tried again with the next report, and what was there already is kept', async (t) => {
  const w = world();
  w.serve(true);
  w.failure = new StatusError('ServiceUnavailable', 'no leader');
  await w.report();
  t.is(w.objects.size, 0);
  w.failure = undefined;
  const theirs: KubeObject = {
    kind: 'ClusterRole',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name: role },
  };
  w.objects.set(role, theirs);
  await w.report();
  t.is(w.objects.get(role), theirs);
  t.true(w.objects.has(name));
});

test('switched off, it takes back what it made, and hears nothing', async (t) => {
  const w = world();
  w.serve(true);
  await w.report();
  const off = world();
  for (const [key, object] of w.objects) off.objects.set(key, object);
  t.is(off.serve(false), 0);
  await off.report();
  t.deepEqual(off.calls, [`delete ${role}`, `delete ${name}`]);
});

test('switched off, it leaves alone what others made or took over', async (t) => {
  const w = world();
  w.serve(true);
  await w.report();
  const api = w.objects.get(name) as KubeObject & { readonly spec: object };
  for (const kept of [
    { ...api, metadata: { name } },
    { ...api, spec: { ...api.spec, service: { name: 'metrics-server', namespace: 'kube-system' } } },
  ]) {
    const off = world();
    off.objects.set(name, kept);
    off.serve(false);
    await off.report();
    t.deepEqual(off.calls, []);
  }
});

import test, { type ExecutionContext } from 'ava';
import { createActorSystem } from '../actors/index.ts';
import { type Metrics, seededRandom, silentLogger, silentMetrics } from '../base/index.ts';
import { decode, encode, SimulatedNetwork, subjectsOf } from '../bus/index.ts';
import { SimulatedTime } from '../platform/index.ts';
import type { OpenStream, StreamFrame } from '../protocol/index.ts';
import { memoryApi, type MemoryApi } from './api.fixture.ts';
import { type NodeAgent, simulatedMachine, startNodeAgent } from './index.ts';
import { type Pod, type PodStatus, resources } from '../api/index.ts';
import { simulatedPodLinks } from './network/index.ts';
import {
  type ContainerRuntime,
  sandboxReference,
  simulatedRuntime,
  type SimulatedRuntimeOptions,
} from './runtime/index.ts';

/** Time in small steps: each lets the turns of the actors that it woke take place. */
async function pass(time: SimulatedTime, ms: number): Promise<void> {
  const steps = Math.min(100, ms);
  for (let i = 0; i < steps; i++) await time.run(ms / steps);
}

/** An agent on simulated machine, engine and API; time moves only when told. */
interface World {
  readonly time: SimulatedTime;
  readonly api: MemoryApi;
  readonly network: SimulatedNetwork;
  readonly runtime: ReturnType<typeof simulatedRuntime>;
  readonly commands: string[][];
  /** How often each call of the engine was made. */
  readonly calls: Map<string, number>;
  /** Seconds that pods took to start. */
  readonly podStarts: number[];
  /** Why containers were refused. */
  readonly refused: Set<string>;
  readonly links: ReturnType<typeof simulatedPodLinks>;
  agent: NodeAgent;
  /** Starts an agent, and waits for nothing. */
  begin(): void;
  restart(): Promise<void>;
  pod(name: string, spec?: object): Promise<void>;
  status(name: string): PodStatus | undefined;
  events(): string[];
}

/** The same engine, whose calls about containers and images are counted. */
function counted(runtime: ContainerRuntime, calls: Map<string, number>): ContainerRuntime {
  const uncounted = new Set<PropertyKey>([
    'events',
    'close',
    'sandboxImage',
    'ensureNetwork',
    'removeNetwork',
    'facts',
  ]);
  return new Proxy(runtime, {
    get: (target, name: keyof ContainerRuntime) => {
      if (!uncounted.has(name)) calls.set(name, (calls.get(name) ?? 0) + 1);
      return target[name];
    },
  });
}

async function world(t: ExecutionContext, options: Partial<SimulatedRuntimeOptions> = {}): Promise<World> {
  const time = new SimulatedTime();
  const api = memoryApi();
  const network = new SimulatedNetwork(time);
  const runtime = simulatedRuntime({ clock: time, timers: time, images: ['web:1'], registry: 'none', ...options });
  const commands: string[][] = [];
  const calls = new Map<string, number>();
  const podStarts: number[] = [];
  const refused = new Set<string>();
  const metrics: Metrics = {
    ...silentMetrics,
    count: (name, labels) => {
      if (name === 'troupe_refused_containers_total') refused.add(labels?.['reason'] ?? '');
    },
    observe: (name, value) => {
      if (name === 'troupe_pod_start_seconds') podStarts.push(value);
    },
  };
  const links = simulatedPodLinks();
  const machine = simulatedMachine({ commands, links });
  const start = (): NodeAgent =>
    startNodeAgent({
      system: createActorSystem({
        name: 'test',
        clock: time,
        timers: time,
        log: silentLogger,
        metrics: silentMetrics,
        encodeSends: true,
      }),
      view: api.view,
      client: api.client,
      bus: network.client('agent'),
      cluster: 'test',
      nodeName: 'node-1',
      runtime: counted(runtime, calls),
      machine,
      clock: time,
      timers: time,
      random: seededRandom(1),
      log: silentLogger,
      metrics,
      settings: {
        clusterCidr: '10.244.0.0/16',
        podCidr: '10.244.3.0/24',
        serviceCidr: '10.96.0.0/16',
        dnsAddress: '10.96.0.10',
        clusterDomain: 'cluster.local',
        stateFolder: '/state',
      },
    });
  const made: World = {
    time,
    api,
    network,
    runtime,
    commands,
    calls,
    podStarts,
    refused,
    links,
    agent: start(),
    begin: () => {
      made.agent = start();
    },
    restart: async () => {
      await made.agent.stop();
      await pass(time, 1000);
      made.begin();
      await pass(time, 100);
    },
    pod: async (name, spec = {}) => {
      api.put(resources.pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'shop' },
        spec: {
          nodeName: 'node-1',
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          containers: [{ name: 'main', image: 'web:1' }],
          ...spec,
        },
      });
      await pass(time, 100);
    },
    status: (name) => api.get<Pod>(resources.pods, 'shop', name)?.status,
    events: () =>
      api
        .list<{ reason: string }>(resources.events)
        .map(({ reason }) => reason)
        .sort(),
  };
  t.teardown(async () => {
    await made.agent.stop();
    runtime.close();
  });
  await pass(time, 100);
  await made.agent.ready;
  return made;
}

async function deletePod(w: World, name: string): Promise<void> {
  const pod = w.api.get<Pod>(resources.pods, 'shop', name);
  w.api.put(resources.pods, {
    ...pod,
    metadata: { ...pod?.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 },
  });
  await pass(w.time, 100);
}

test('a node registers with its range, says that it is ready, and renews its lease', async (t) => {
  const w = await world(t);
  const node = w.api.get<{ spec: { podCIDR: string }; status: { conditions: { type: string; status: string }[] } }>(
    resources.nodes,
    undefined,
    'node-1',
  );
  t.is(node?.spec.podCIDR, '10.244.3.0/24');
  t.like(
    node?.status.conditions.find(({ type }) => type === 'Ready'),
    { status: 'True' },
  );
  const renewal = (): string | undefined =>
    w.api.get<{ spec: { renewTime: string } }>(resources.leases, 'kube-node-lease', 'node-1')?.spec.renewTime;
  const first = renewal();
  await pass(w.time, 3500);
  t.true((renewal() ?? '') > (first ?? ''));
});

test('an agent that is stopped while it starts leaves nothing at work, wherever it was', async (t) => {
  const w = await world(t);
  await w.agent.stop();
  const done = (): unknown => [
    w.api.get<{ spec: { renewTime: string } }>(resources.leases, 'kube-node-lease', 'node-1')?.spec.renewTime,
    w.commands.length,
    [...w.calls],
  ];
  for (let turns = 0; turns < 60; turns += 3) {
    w.begin();
    for (let i = 0; i < turns; i++) await Promise.resolve();
    await w.agent.stop();
    await pass(w.time, 100);
    const before = done();
    await w.time.run(700_000);
    t.deepEqual(done(), before, `stopped after ${turns} turns`);
  }
});

test('a pod runs, is shown as ready, and its start is told as events', async (t) => {
  const w = await world(t);
  await w.pod('web');
  t.like(w.status('web'), { phase: 'Running', podIP: '10.244.3.2', hostIP: '192.0.2.1' });
  t.like(
    w.status('web')?.conditions?.find(({ type }) => type === 'Ready'),
    { status: 'True' },
  );
  t.like(w.status('web')?.containerStatuses?.[0], { ready: true, started: true, restartCount: 0 });
  t.deepEqual(w.events(), ['Created', 'Pulled', 'Started']);
});

test('a start is written once, as soon as the pod runs; what holds it up is written at once', async (t) => {
  const w = await world(t);
  const before = w.api.patches();
  await w.pod('web');
  t.is(w.status('web')?.phase, 'Running');
  t.is(w.api.patches(), before + 1);
  await w.pod('stuck', { containers: [{ name: 'main', image: 'absent:1' }] });
  t.is(w.status('stuck')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImagePull');
});

test('how long a pod took to start is measured once, and not for one that was adopted', async (t) => {
  const w = await world(t, { startMs: 20 });
  await w.pod('web');
  await w.pod('stuck', { containers: [{ name: 'main', image: 'absent:1' }] });
  await w.restart();
  t.is(w.podStarts.length, 1);
  t.true((w.podStarts[0] ?? 0) >= 0.04, 'sandbox and container');
});

test("a pod's start is seven calls of the engine, its end five", async (t) => {
  const w = await world(t);
  w.calls.clear();
  await w.pod('web');
  t.is(w.status('web')?.phase, 'Running');
  t.deepEqual(Object.fromEntries(w.calls), { image: 1, create: 2, start: 2, inspect: 2 });
  w.calls.clear();
  await deletePod(w, 'web');
  t.deepEqual(await w.runtime.list({}), []);
  await pass(w.time, 1000);
  t.deepEqual(Object.fromEntries(w.calls), { stop: 1, inspect: 1, summaries: 1, remove: 2 });
});

test('pods of other nodes are left alone', async (t) => {
  const w = await world(t);
  await w.pod('other', { nodeName: 'node-2' });
  t.is(w.status('other'), undefined);
  t.is((await w.runtime.list({})).length, 0);
});

test('a program that ends is restarted, then backs off; one that may end is done', async (t) => {
  const w = await world(t, {
    program: (spec) =>
      spec.labels['troupe.role'] === 'container'
        ? { runsMs: 10, exitCode: spec.labels['troupe.pod.name'] === 'job' ? 0 : 1 }
        : undefined,
  });
  await w.pod('crash');
  await w.pod('job', { restartPolicy: 'OnFailure' });
  await pass(w.time, 500);
  t.is(w.status('crash')?.containerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff');
  t.is(w.status('crash')?.containerStatuses?.[0]?.restartCount, 1);
  t.is(w.status('job')?.phase, 'Succeeded');
  await pass(w.time, 10_000);
  t.is(w.status('crash')?.containerStatuses?.[0]?.restartCount, 2);
});

test('an image that cannot be had is shown as such', async (t) => {
  const w = await world(t);
  await w.pod('web', { containers: [{ name: 'main', image: 'absent:1' }] });
  t.is(w.status('web')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImagePull');
  await pass(w.time, 1500);
  t.is(w.status('web')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ImagePullBackOff');
});

test('a container whose confinement cannot be had does not run, and says why', async (t) => {
  const w = await world(t);
  const confined: Readonly<Record<string, [object, RegExp]>> = {
    seccomp: [{ seccompProfile: { type: 'Localhost', localhostProfile: 'no/such.json' } }, /no\/such\.json/],
    'app-armor': [{ appArmorProfile: { type: 'Localhost', localhostProfile: 'k8s-web' } }, /"k8s-web"/],
    selinux: [{ seLinuxOptions: { level: 's0:c1' } }, /seLinuxOptions \(level\)/],
  };
  for (const [name, [securityContext, message]] of Object.entries(confined)) {
    await w.pod(name, { securityContext });
    const waiting = w.status(name)?.containerStatuses?.[0]?.state?.waiting;
    t.is(waiting?.reason, 'CreateContainerConfigError');
    t.regex(waiting?.message ?? '', message);
  }
  t.deepEqual([...w.refused].sort(), ['appArmor', 'seLinux', 'seccomp']);
});

test('a deleted pod stops, leaves nothing behind, and then leaves the API', async (t) => {
  const w = await world(t);
  await w.pod('web');
  await deletePod(w, 'web');
  t.is(w.api.get(resources.pods, 'shop', 'web'), undefined);
  t.deepEqual(await w.runtime.list({}), []);
});

test('an engine that is stuck with some removals does not keep others from being done', async (t) => {
  const w = await world(t);
  for (const name of ['one', 'two', 'three']) await w.pod(name);
  const stuck = new Set(
    (await w.runtime.list({ 'troupe.role': 'sandbox' }))
      .filter((facts) => facts.labels['troupe.pod.name'] !== 'three')
      .map(({ id }) => id),
  );
  const { remove } = w.runtime;
  w.runtime.remove = (id) => (stuck.has(id) ? new Promise<void>(() => undefined) : remove(id));
  for (const name of ['one', 'two', 'three']) await deletePod(w, name);
  for (let i = 0; i < 4; i++) await pass(w.time, 10_000);
  t.is(w.api.get(resources.pods, 'shop', 'three'), undefined);
  t.not(w.api.get(resources.pods, 'shop', 'one'), undefined);
});

test('a program that will not stop is killed after the grace period', async (t) => {
  const w = await world(t, {
    program: (spec) => (spec.labels['troupe.role'] === 'container' ? { ignoresStop: true } : undefined),
  });
  await w.pod('web');
  await deletePod(w, 'web');
  await pass(w.time, 29_000);
  t.not(w.api.get(resources.pods, 'shop', 'web'), undefined);
  await pass(w.time, 2000);
  t.is(w.api.get(resources.pods, 'shop', 'web'), undefined);
});

test('an agent that restarts adopts what runs: nothing is restarted, nothing is written', async (t) => {
  const w = await world(t);
  await w.pod('web');
  const before = (await w.runtime.list({})).map(({ id }) => id);
  const version = w.api.get(resources.pods, 'shop', 'web')?.metadata.resourceVersion;
  await w.restart();
  t.deepEqual(
    (await w.runtime.list({})).map(({ id }) => id),
    before,
  );
  t.is(w.api.get(resources.pods, 'shop', 'web')?.metadata.resourceVersion, version);
});

test('what happened while the agent was away is noticed: an end, a deletion', async (t) => {
  const w = await world(t);
  await w.pod('ended', { restartPolicy: 'Never' });
  await w.pod('gone');
  const found = await w.runtime.list({ 'troupe.role': 'container' });
  await w.agent.stop();
  await pass(w.time, 100);
  w.runtime.exit(found.find((each) => each.labels['troupe.pod.name'] === 'ended')?.id ?? '', 4);
  w.api.remove(resources.pods, 'shop', 'gone');
  await w.restart();
  t.like(w.status('ended'), { phase: 'Failed' });
  t.is(w.status('ended')?.containerStatuses?.[0]?.state?.terminated?.exitCode, 4);
  t.deepEqual(await w.runtime.list({ 'troupe.pod.name': 'gone' }), []);
});

test('a sandbox that was left without its link gets it when the agent starts again', async (t) => {
  const w = await world(t);
  await w.pod('web');
  t.is(w.links.whole.size, 1);
  await w.agent.stop();
  w.links.cut();
  const before = (await w.runtime.list({})).map(({ id }) => id);
  await w.restart();
  t.is(w.links.whole.size, 1);
  t.deepEqual(
    (await w.runtime.list({})).map(({ id }) => id),
    before,
  );
});

test('a pod network that was removed is made again, and running pods are connected to it', async (t) => {
  const w = await world(t);
  await w.pod('web');
  await w.pod('host', { hostNetwork: true });
  w.api.put(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-2' },
    spec: { podCIDR: '10.244.4.0/24' },
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] },
  });
  await pass(w.time, 100);
  const answering = (): number =>
    w.commands.filter((command) => command.some((part) => part.endsWith('.proxy_arp=1'))).length;
  const answered = answering();
  w.links.cut();
  const routes = (): number => w.commands.filter(([command, what]) => command === 'ip' && what === 'route').length;
  const before = routes();
  await pass(w.time, 2100);
  t.is(w.links.whole.size, 1);
  t.is(routes(), before + 1);
  t.is(answering(), answered + 1, 'pods of other machines are answered for on the new bridge, too');
  await pass(w.time, 10_000);
  t.is(routes(), before + 1);
});

test('a pod starts although its sandbox image was removed from the engine', async (t) => {
  const w = await world(t);
  await w.runtime.sandboxImage();
  await w.runtime.removeImage(sandboxReference);
  await w.pod('late');
  await pass(w.time, 3000);
  t.is(w.status('late')?.phase, 'Running');
});

test('service rules follow services and endpoints', async (t) => {
  const w = await world(t);
  w.api.put(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.5', ports: [{ port: 80, protocol: 'TCP' }] },
  });
  await pass(w.time, 100);
  const last = (): string =>
    w.commands
      .filter(([command]) => command === 'nft')
      .at(-1)
      ?.at(-1) ?? '';
  t.true(last().includes('10.96.0.5 . tcp . 80'));
  const changes = (): number => w.commands.filter(([, what]) => what !== 'list').length;
  const writes = changes();
  await pass(w.time, 10_000);
  t.is(changes(), writes);
});

test('a purge leaves nothing of the cluster on the engine', async (t) => {
  const w = await world(t);
  await w.pod('web');
  await w.agent.stop({ purge: true });
  await pass(w.time, 100);
  t.deepEqual(await w.runtime.list({}), []);
  t.true(w.commands.at(-1)?.at(-1)?.includes('delete table ip troupe_test'));
});

test('a door reads a log and the exit code of a command', async (t) => {
  const w = await world(t, {
    program: () => ({ output: ['one', 'two'] }),
    exec: () => ({ output: 'hello', exitCode: 3 }),
  });
  await w.pod('web');
  const open = async (what: Partial<OpenStream>): Promise<string[]> => {
    const door = w.network.client('door');
    const frames: string[] = [];
    const toDoor = door.inbox();
    door.subscribe(toDoor, (message) => {
      const frame = decode(message.payload) as StreamFrame;
      frames.push(frame.type === 'data' ? `${frame.channel} ${Buffer.from(frame.data).toString()}` : frame.type);
    });
    const request = door.request(
      subjectsOf('test').nodeStream('node-1'),
      encode({ namespace: 'shop', pod: 'web', uid: '', container: 'main', toDoor, ...what }),
      { deadlineMs: 1000 },
    );
    await pass(w.time, 100);
    const answer = decode((await request).payload) as { type: string; status?: { message: string } };
    return answer.type === 'refused' ? [answer.status?.message ?? ''] : frames;
  };
  t.deepEqual(await open({ type: 'logs', logs: { tailLines: 1 } }), ['1 two\n', 'end']);
  const frames = await open({ type: 'exec', command: ['x'], stdout: true });
  t.is(frames[0], '1 hello');
  t.regex(frames[1] ?? '', /^3 .*"reason":"NonZeroExitCode".*"message":"3"/);
  t.deepEqual(await open({ type: 'logs', logs: { previous: true } }), [
    'previous terminated container "main" in pod "web" not found',
  ]);
  const kubelet = (path: string): Promise<string[]> => open({ type: 'kubelet', pod: '', container: '', path });
  t.deepEqual(await kubelet('/healthz'), ['1 ok', 'end']);
  t.true((await kubelet('/runningpods/'))[0]?.includes('"name":"web","namespace":"shop"'));
  t.true((await kubelet('/metrics'))[0]?.includes('kubelet_running_pods 1\n'));
  t.deepEqual(await open({ type: 'exec', pod: 'none', command: ['x'] }), ['pods "none" not found']);
});

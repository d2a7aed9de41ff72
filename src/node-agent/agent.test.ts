import test, { type ExecutionContext } from 'ava';
import { decode, encode, subjectsOf } from '../bus/index.ts';
import type { OpenStream, StreamFrame } from '../protocol/index.ts';
import { type Pod, resources } from '../api/index.ts';
import { deletePod, pass, world, type World } from './agent.fixture.ts';

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

test('a pod whose name for the kernel is too long waits, and says so', async (t) => {
  const w = await world(t);
  await w.pod('far', { hostname: 'a'.repeat(50), subdomain: 's', setHostnameAsFQDN: true });
  await pass(w.time, 3000);
  t.is(w.status('far')?.phase, 'Pending');
  const full = `${'a'.repeat(50)}.s.shop.svc.cluster.local`;
  t.false(w.events().includes('Started'));
  const event = w.api
    .list<{ readonly reason: string }>(resources.events)
    .find(({ reason }) => reason === 'FailedCreatePodSandBox');
  t.like(event, {
    type: 'Warning',
    reason: 'FailedCreatePodSandBox',
    message:
      'Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, ' +
      `FQDN ${full} is too long (64 characters is the max, 75 characters requested)`,
  });
  await w.pod('near', { hostname: 'a', subdomain: 's', setHostnameAsFQDN: true });
  t.is(w.status('near')?.phase, 'Running');
});

test("what a pod's resolver file leaves out is told by an event", async (t) => {
  const w = await world(t);
  await w.pod('web', { dnsConfig: { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'] } });
  t.is(w.status('web')?.phase, 'Running');
  t.like(
    w.api.list<{ readonly reason: string }>(resources.events).find(({ reason }) => reason === 'DNSConfigForming'),
    {
      type: 'Warning',
      message:
        'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ' +
        '10.96.0.10 1.1.1.1 2.2.2.2',
    },
  );
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

for (const [startMs, written, what] of [
  [400, ['Running'], 'a start that takes less than a second is written once'],
  [900, ['Pending ContainerCreating', 'Running'], 'what takes longer is shown on its way'],
] as const)
  test(what, async (t) => {
    const w = await world(t, { startMs });
    const seen: string[] = [];
    const close = w.api.view.onChange(({ resource, object }) => {
      const { phase, containerStatuses = [] } = (object as Pod).status ?? {};
      const reason = containerStatuses[0]?.state?.waiting?.reason;
      if (resource.resource === 'pods' && phase !== undefined)
        seen.push([phase, reason].filter((part) => part !== undefined).join(' '));
    });
    await w.pod('web');
    await pass(w.time, 3000);
    close();
    t.deepEqual(seen, written);
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

test('a sub path that leads elsewhere keeps a container from starting until its annotation is mended', async (t) => {
  const w = await world(t);
  const container = {
    name: 'main',
    image: 'web:1',
    env: [{ name: 'WHERE', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['where']" } } }],
    volumeMounts: [{ name: 'data', mountPath: '/data', subPathExpr: '$(WHERE)' }],
  };
  const spec = { nodeName: 'node-1', volumes: [{ name: 'data', emptyDir: {} }], containers: [container] };
  const metadata = { name: 'web', namespace: 'shop', annotations: { where: '/elsewhere' } };
  w.api.put(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  const shown = (): string => {
    const { waiting, running } = w.status('web')?.containerStatuses?.[0]?.state ?? {};
    return running === undefined ? (waiting?.reason ?? '') : 'running';
  };
  await pass(w.time, 20_000);
  t.is(shown(), 'CreateContainerConfigError');
  for (const [where, state] of [
    ['a/../../b', 'CreateContainerConfigError'],
    ['inside', 'running'],
  ] as const) {
    await w.api.client.patch(
      { ...resources.pods, namespace: 'shop', name: 'web' },
      { type: 'merge', body: { metadata: { annotations: { where } } } },
    );
    await pass(w.time, 10_000);
    t.is(shown(), state, where);
  }
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

/** A world with the pod `web`, which heeds no stop: how often each probe was asked, and which of them fail. */
async function probedWorld(t: ExecutionContext): Promise<{
  readonly w: World;
  readonly asked: Readonly<Record<ProbeName, number>>;
  readonly failing: Set<ProbeName>;
}> {
  const asked = { ready: 0, live: 0 };
  const failing = new Set<ProbeName>();
  const w = await world(t, {
    program: (spec) => (spec.labels['troupe.role'] === 'container' ? { ignoresStop: true } : undefined),
    exec: (_spec, [command]) => {
      const name = command === 'ready' ? 'ready' : 'live';
      asked[name]++;
      return { exitCode: failing.has(name) ? 1 : 0 };
    },
  });
  const probe = (name: ProbeName): object => ({ exec: { command: [name] }, periodSeconds: 1, failureThreshold: 1 });
  const container = { name: 'main', image: 'web:1', readinessProbe: probe('ready'), livenessProbe: probe('live') };
  await w.pod('web', { containers: [container] });
  await pass(w.time, 2_000);
  return { w, asked, failing };
}

type ProbeName = 'ready' | 'live';

test('while a pod ends its readiness is asked still, and its liveness no longer', async (t) => {
  const { w, asked, failing } = await probedWorld(t);
  const ready = (): string | undefined => w.status('web')?.conditions?.find(({ type }) => type === 'Ready')?.status;
  t.is(ready(), 'True');
  await deletePod(w, 'web');
  const before = { ...asked };
  failing.add('ready');
  await pass(w.time, 3_000);
  t.is(ready(), 'False');
  t.true(asked.ready > before.ready);
  t.is(asked.live, before.live);
  await pass(w.time, 30_000);
  const last = { ...asked };
  await pass(w.time, 3_000);
  t.deepEqual(asked, last, 'nothing is asked of a container that has ended');
});

test('a container that stops as it is not alive is asked for its readiness still, not for its liveness', async (t) => {
  const { w, asked, failing } = await probedWorld(t);
  failing.add('live');
  await pass(w.time, 2_000);
  const before = { ...asked };
  await pass(w.time, 5_000);
  t.true(asked.ready > before.ready);
  t.is(asked.live, before.live);
  t.like(w.status('web')?.containerStatuses?.[0], { ready: true, restartCount: 0 });
});

test("a sidecar's preStop hook runs once, and beside the end of the app", async (t) => {
  const asked: string[] = [];
  const w = await world(t, {
    exec: (_spec, [command = '']) => {
      asked.push(command);
      return { exitCode: 0 };
    },
    program: (spec) => (spec.labels['troupe.container'] === 'main' ? { ignoresStop: true } : undefined),
  });
  const lifecycle = { preStop: { exec: { command: ['drain'] } } };
  await w.pod('web', {
    initContainers: [{ name: 'proxy', image: 'web:1', restartPolicy: 'Always', lifecycle }],
    containers: [{ name: 'main', image: 'web:1' }],
  });
  await deletePod(w, 'web');
  await pass(w.time, 1_000);
  t.deepEqual(asked, ['drain'], 'at once');
  await pass(w.time, 40_000);
  t.deepEqual(asked, ['drain']);
  t.deepEqual(await w.runtime.list({ 'troupe.pod.name': 'web' }), []);
});

test('a probe that cannot be asked restarts nothing and takes nothing out of service', async (t) => {
  let away = false;
  const w = await world(t, {
    exec: () => {
      if (away) throw new Error('the engine is away');
      return { exitCode: 0 };
    },
  });
  const probe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 1 };
  await w.pod('web', { containers: [{ name: 'main', image: 'web:1', readinessProbe: probe, livenessProbe: probe }] });
  await pass(w.time, 2_000);
  away = true;
  await pass(w.time, 5_000);
  t.like(w.status('web')?.containerStatuses?.[0], { ready: true, restartCount: 0 });
  away = false;
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
  await w.pod('beside', { initContainers: [{ name: 'side', image: 'web:1', restartPolicy: 'Always', resources: {} }] });
  for (let attempt = 0; attempt < 2; attempt++) {
    const running = (await w.runtime.list({ 'troupe.container': 'side' })).find(({ state }) => state === 'running');
    w.runtime.exit(running?.id ?? '', 1);
    await pass(w.time, 100);
  }
  t.is(w.status('beside')?.initContainerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff');
  t.deepEqual(await open({ type: 'logs', pod: 'beside', container: 'side', logs: { previous: true } }), [
    '1 one\n',
    '1 two\n',
    'end',
  ]);
});

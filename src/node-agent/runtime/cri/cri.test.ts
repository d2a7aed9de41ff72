import { createServer, type Socket } from 'node:net';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Timers } from '../../../base/index.ts';
import { GrpcFailure, grpcCodes } from '../../../grpc/index.ts';
import { systemTimers } from '../../../platform/index.ts';
import type { ContainerRuntime, ContainerSpec, OutputChunk, RuntimeEvent } from '../runtime.ts';
import type { MachineFinding } from '../driver.ts';
import { mayLowerBadness } from './cri-driver.ts';
import { FakeCri, logsOfFake } from './cri-server.fixture.ts';
import { containerdDriver } from './index.ts';
import { removeLog } from './log-rotation.ts';

const labels = { 'troupe.cluster': 'c', 'troupe.pod.uid': 'u', 'troupe.pod.name': 'p', 'troupe.pod.namespace': 'ns' };

const spec = (name: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name,
  image: 'web:1',
  labels: { ...labels, 'test.name': name },
  environment: ['A=1', 'B=x=y', 'EMPTY='],
  network: { type: 'own', hostname: 'h' },
  ipc: { mode: 'shareable' },
  pid: { mode: 'own' },
  mounts: [],
  resources: {},
  security: {
    privileged: false,
    readOnlyRoot: false,
    addCapabilities: ['NET_ADMIN'],
    dropCapabilities: ['ALL'],
    supplementalGroups: ['7'],
    noNewPrivileges: true,
    seccomp: 'default',
  },
  ...more,
});

const sandboxSpec = (more: Partial<ContainerSpec> = {}): ContainerSpec =>
  spec('box', { image: 'pause:1', group: 'g', labels: { ...labels, 'troupe.address': '10.0.0.5' }, ...more });

async function fake(
  t: ExecutionContext,
  questionMs?: number,
  timers?: Timers,
): Promise<{ cri: FakeCri; runtime: ContainerRuntime }> {
  const cri = await new FakeCri().start();
  const runtime = cri.runtime(questionMs, timers);
  t.teardown(() => {
    runtime.close();
    cri.destroy();
  });
  return { cri, runtime };
}

async function until(what: string, isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen`);
}

test('a sandbox goes to the runtime with its address for the plug-in, and runs from its creation on', async (t) => {
  const { cri, runtime } = await fake(t);
  const id = await runtime.create(sandboxSpec({ sysctls: { 'net.x': '1' }, engineRuntime: 'runsc' }));
  t.like(cri.last('RunPodSandbox'), {
    runtimeHandler: 'runsc',
    config: {
      metadata: { name: 'box', uid: 'u', namespace: 'ns', attempt: 0 },
      hostname: 'h',
      logDirectory: join(cri.folder, 'logs/ns_p_u'),
      linux: {
        cgroupParent: '/troupe',
        sysctls: { 'net.x': '1' },
        securityContext: { namespaceOptions: { network: 'POD', pid: 'POD', ipc: 'POD' } },
      },
    },
  });
  t.is(cri.sandboxes.get(id)?.annotations['troupe.address'], '10.0.0.5');
  t.like(await runtime.inspect(id), { state: 'running', processId: 77, name: 'box' });
  t.deepEqual((await runtime.inspect(id))?.labels, { ...labels, 'troupe.address': '10.0.0.5' });
  t.regex(readFileSync(join(cri.folder, 'net.d/10-troupe.conflist'), 'utf8'), /"type": "troupe"/);
  t.is(statSync(join(cri.folder, 'bin/troupe')).mode & 0o777, 0o755);
});

test('a container goes into its sandbox with everything that its specification says', async (t) => {
  const { cri, runtime } = await fake(t);
  const box = await runtime.create(sandboxSpec());
  const joined: Partial<ContainerSpec> = { network: { type: 'container', id: box }, ipc: { container: box } };
  const id = await runtime.create(
    spec('web', {
      ...joined,
      pid: { container: box },
      user: '5:6',
      entrypoint: ['/bin/a'],
      mounts: [{ source: '/s', target: '/t', readOnly: true, propagation: 'rslave' }],
      devices: [{ source: '/dev/a', target: '/dev/b', readOnly: true }],
      resources: { cpuShares: 2, memoryBytes: 1024, oomScoreAdjustment: -5 },
    }),
  );
  t.like(cri.last('CreateContainer'), {
    podSandboxId: box,
    config: {
      command: ['/bin/a'],
      envs: [
        { key: 'A', value: '1' },
        { key: 'B', value: 'x=y' },
        { key: 'EMPTY', value: '' },
      ],
      logPath: 'container/0.log',
    },
    sandboxConfig: { logDirectory: join(cri.folder, 'logs/ns_p_u') },
  });
  const { config } = cri.last('CreateContainer') as { config: { mounts: object[]; devices: object[]; linux: object } };
  t.like(config.mounts[0], {
    hostPath: '/s',
    containerPath: '/t',
    readonly: true,
    propagation: 'PROPAGATION_HOST_TO_CONTAINER',
  });
  t.deepEqual(config.devices, [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: 'mr' }]);
  t.like(config.linux, {
    resources: { cpuShares: 2, memoryLimitInBytes: 1024, memorySwapLimitInBytes: 1024, oomScoreAdj: -5 },
    securityContext: {
      capabilities: { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['ALL'], addAmbientCapabilities: [] },
      namespaceOptions: { network: 'POD', ipc: 'POD', pid: 'POD', targetId: '' },
      runAsUser: 5,
      runAsGroup: 6,
      noNewPrivs: true,
      seccomp: { profileType: 'RuntimeDefault', localhostRef: '' },
    },
  });
  await runtime.create(spec('debugger', { ...joined, pid: { container: id }, user: 'nobody' }));
  t.like(cri.last('CreateContainer'), {
    config: {
      linux: { securityContext: { namespaceOptions: { pid: 'TARGET', targetId: id }, runAsUsername: 'nobody' } },
    },
  });
});

test("a pod's own users go to the runtime with its sandbox, its containers and each of their mounts", async (t) => {
  const { cri, runtime } = await fake(t);
  const userRange = { firstId: 131_072, length: 65_536 };
  const mapping = [{ hostId: 131_072, containerId: 0, length: 65_536 }];
  const usernsOptions = { mode: 'POD', uids: mapping, gids: mapping };
  const box = await runtime.create(sandboxSpec({ userRange }));
  const joined: Partial<ContainerSpec> = { network: { type: 'container', id: box }, ipc: { container: box } };
  const mounts = [{ source: '/s', target: '/t', readOnly: false }];
  await runtime.create(spec('web', { ...joined, mounts, userRange }));
  t.like(cri.last('RunPodSandbox'), {
    config: { linux: { securityContext: { namespaceOptions: { usernsOptions } } } },
  });
  t.like(cri.last('CreateContainer'), {
    config: {
      mounts: [{ hostPath: '/s', uidMappings: mapping, gidMappings: mapping }],
      linux: { securityContext: { namespaceOptions: { usernsOptions } } },
    },
    sandboxConfig: { linux: { securityContext: { namespaceOptions: { usernsOptions } } } },
  });
  const again = cri.runtime();
  t.teardown(() => {
    again.close();
  });
  await again.create(spec('later', { ...joined, mounts, userRange }));
  t.like(cri.last('CreateContainer'), {
    config: { linux: { securityContext: { namespaceOptions: { usernsOptions } } } },
  });
  await runtime.create(spec('shares', { ...joined, mounts }));
  const { config } = cri.last('CreateContainer') as {
    config: { mounts: object[]; linux: { securityContext: { namespaceOptions: { usernsOptions?: object } } } };
  };
  t.is(config.linux.securityContext.namespaceOptions.usernsOptions, undefined);
  t.like(config.mounts[0], { uidMappings: [], gidMappings: [] });
});

test('which handlers of the runtime can map users is among its facts', async (t) => {
  const { cri, runtime } = await fake(t);
  t.deepEqual((await runtime.facts()).handlers, []);
  cri.handlers = [
    { name: '', features: { userNamespaces: true, recursiveReadOnlyMounts: true } },
    { name: 'kata', features: { userNamespaces: false } },
    { name: 'old' },
  ];
  t.deepEqual((await runtime.facts()).handlers, [
    { name: '', userNamespaces: true, recursiveReadOnlyMounts: true },
    { name: 'kata', userNamespaces: false, recursiveReadOnlyMounts: false },
    { name: 'old', userNamespaces: false, recursiveReadOnlyMounts: false },
  ]);
});

test('an engine that does not take CDI devices is not asked for them: it would leave them out', async (t) => {
  const { cri, runtime } = await fake(t);
  const wanted = spec('web', { cdiDevices: ['v.com/c=a'] });
  await t.throwsAsync(runtime.create(wanted), { message: /does not take CDI devices/ });
  cri.config = { enableCDI: true };
  await runtime.create(wanted);
  const { config } = cri.last('CreateContainer') as { config: { CDIDevices: object[] } };
  t.deepEqual(config.CDIDevices, [{ name: 'v.com/c=a' }]);
});

test('a runtime that does not know volumes of images is not asked for them: it would leave them out', async (t) => {
  const { cri, runtime } = await fake(t);
  const mounts = [{ source: 'sha256:i', target: '/models', readOnly: true, image: true as const }];
  for (const [runtimeName, runtimeVersion, since] of [
    ['containerd', '1.7.24~ds1', /volumes of images need containerd 2\.1 or later; this node has 1\.7\.24/],
    ['containerd', 'v2.0.9', /containerd 2\.1/],
    ['cri-o', '1.30.4', /cri-o 1\.31/],
  ] as const) {
    cri.version = { runtimeName, runtimeVersion };
    await t.throwsAsync(runtime.create(spec('web', { mounts })), { message: since });
  }
  for (const [index, runtimeVersion] of ['2.1.0', 'v3.0.1'].entries()) {
    cri.version = { runtimeName: 'containerd', runtimeVersion };
    await runtime.create(spec(`web-${index}`, { mounts }));
    const { config } = cri.last('CreateContainer') as { config: { mounts: object[] } };
    t.like(config.mounts[0], { hostPath: '', image: { image: 'sha256:i' }, containerPath: '/models', readonly: true });
  }
});

test('an agent that was started again makes containers in the sandboxes of the one before', async (t) => {
  const { cri, runtime } = await fake(t);
  const box = await runtime.create(sandboxSpec({ network: { type: 'host' } }));
  const later = cri.runtime();
  t.teardown(() => {
    later.close();
  });
  await later.create(spec('web', { network: { type: 'host' }, ipc: { mode: 'host' }, group: 'g' }));
  t.like(cri.last('CreateContainer'), {
    podSandboxId: box,
    sandboxConfig: { logDirectory: join(cri.folder, 'logs/ns_p_u'), linux: { cgroupParent: '/troupe' } },
  });
});

test('a container without a sandbox gets one of its own, which nobody sees and which goes with it', async (t) => {
  const { cri, runtime } = await fake(t);
  const id = await runtime.create(spec('alone'));
  t.is(cri.sandboxes.size, 1);
  t.deepEqual(
    (await runtime.summaries({ 'troupe.cluster': 'c' })).map((each) => each.id),
    [id],
  );
  await t.throwsAsync(runtime.create(spec('alone')), { code: 'conflict' });
  await t.throwsAsync(runtime.create(spec('other', { image: 'absent' })), { code: 'image-not-found' });
  cri.containers.clear();
  t.is((await runtime.summaries({ 'troupe.cluster': 'c' })).length, 1, 'what lost its container is shown');
  await runtime.remove('alone');
  t.is(cri.sandboxes.size, 0);
});

test('a sandbox whose containers have ended is stopped, and goes with the last, whoever removes it', async (t) => {
  const { cri, runtime } = await fake(t);
  const box = await runtime.create(sandboxSpec());
  const joins = { network: { type: 'container', id: box }, ipc: { container: box } } as const;
  const [one, two, unstarted] = await Promise.all(['1', '2', '3'].map((each) => runtime.create(spec(each, joins))));
  for (const id of [one, two]) {
    await runtime.start(id ?? '');
    await runtime.stop(id ?? '', 0);
  }
  await runtime.remove(box);
  t.is(cri.sandboxes.get(box)?.state, 'SANDBOX_NOTREADY');
  t.is((await runtime.inspect(box))?.state, 'exited');
  t.deepEqual([...cri.containers.keys()], [one, two], 'what never started is gone');
  t.falsy(await runtime.inspect(unstarted ?? ''));
  const later = cri.runtime();
  t.teardown(() => {
    later.close();
  });
  await later.remove(one ?? '');
  t.true(cri.sandboxes.has(box));
  await later.remove(two ?? '');
  t.false(cri.sandboxes.has(box));
});

test("a pod's start asks the runtime for nothing that is known already", async (t) => {
  const { cri, runtime } = await fake(t);
  await runtime.create(sandboxSpec());
  cri.asked.length = 0;
  const box = await runtime.create(sandboxSpec({ name: 'second', group: 'h' }));
  await runtime.start(box);
  t.is((await runtime.inspect(box))?.state, 'running');
  const joined: Partial<ContainerSpec> = { network: { type: 'container', id: box }, ipc: { container: box } };
  const id = await runtime.create(spec('web', joined));
  await runtime.start(id);
  t.is((await runtime.inspect(id))?.state, 'running');
  t.deepEqual(
    cri.asked.map(({ method }) => method),
    ['RunPodSandbox', 'PodSandboxStatus', 'CreateContainer', 'StartContainer', 'ContainerStatus'],
  );
});

test('a name that the runtime calls taken is a conflict, another refusal is not', async (t) => {
  const { cri, runtime } = await fake(t);
  await runtime.create(sandboxSpec());
  cri.before = (method) => {
    if (method === 'RunPodSandbox') throw new GrpcFailure(2, 'name is reserved');
  };
  await t.throwsAsync(runtime.create(sandboxSpec()), { code: 'conflict' });
  await t.throwsAsync(runtime.create(sandboxSpec({ name: 'other' })), { code: 'failed' });
});

test('a container whose shim ends while it is stopped has stopped; another failure is told', async (t) => {
  const { cri, runtime } = await fake(t);
  const id = await runtime.create(spec('ends'));
  await runtime.start(id);
  let failures = 1;
  cri.before = (method) => {
    if (method === 'StopContainer' && failures-- > 0)
      throw new GrpcFailure(2, `failed to kill container "${id}": ttrpc: closed: unknown`);
  };
  t.true(await runtime.stop(id, 0));
  t.is((await runtime.inspect(id))?.state, 'exited');
  const other = await runtime.create(spec('stays'));
  await runtime.start(other);
  failures = 1_000;
  await t.throwsAsync(runtime.stop(other, 0), { code: 'failed', message: /ttrpc: closed/ });
});

test('what happens is told in order, at once after news and otherwise each second', async (t) => {
  const { cri, runtime } = await fake(t);
  const events: RuntimeEvent[] = [];
  const feed = runtime.events({ 'troupe.cluster': 'c' }, (event) => {
    events.push(event);
  });
  t.teardown(() => {
    feed.close();
  });
  await until('the first look', () => events.length > 0);
  const id = await runtime.create(spec('web'));
  await runtime.start(id);
  cri.news();
  await until('the start', () => events.length > 1);
  const container = cri.containers.get(id);
  if (container === undefined) throw new Error('no container');
  Object.assign(container, { state: 'CONTAINER_EXITED', exitCode: 137, reason: 'OOMKilled' });
  await until('the end', () => events.length > 3);
  cri.containers.delete(id);
  cri.news();
  await until('the removal', () => events.length > 4);
  t.deepEqual(
    events.map((event) => [event.type, 'exitCode' in event ? event.exitCode : undefined]),
    [
      ['connected', undefined],
      ['started', undefined],
      ['out-of-memory', undefined],
      ['exited', 137],
      ['removed', undefined],
    ],
  );
});

/** Whoever looks each second looks every 20 ms. */
const hastyTimers: Timers = { ...systemTimers, after: (delayMs, call) => systemTimers.after(delayMs / 50, call) };

test('a runtime that hangs, goes away or is another one afterwards is told of, and met again', async (t) => {
  const { cri, runtime } = await fake(t, 300, hastyTimers);
  const events: string[] = [];
  const feed = runtime.events({}, ({ type }) => {
    events.push(type);
  });
  t.teardown(() => {
    feed.close();
  });
  const told = (count: number): Promise<void> => until(`event ${count}`, () => events.length >= count);
  await told(1);
  cri.hangs = true;
  await told(2);
  await t.throwsAsync(runtime.list({}), { code: 'unreachable', message: /did not answer/ });
  cri.hangs = false;
  await told(3);
  cri.stop();
  await told(4);
  await t.throwsAsync(runtime.start('x'), { code: 'unreachable' });
  await cri.start();
  await told(5);
  t.deepEqual(events, ['connected', 'disconnected', 'connected', 'disconnected', 'connected']);
});

test('nonsense at the socket is an error with a reason, within the deadline', async (t) => {
  const { cri, runtime } = await fake(t, 1_500);
  cri.before = () => {
    throw new GrpcFailure(grpcCodes.unimplemented, 'unknown service runtime.v1.RuntimeService');
  };
  await t.throwsAsync(runtime.facts(), { code: 'failed', message: /unknown service/ });
  cri.stop();
  const held: Socket[] = [];
  const babbling = createServer((connection) => {
    held.push(connection.on('error', () => undefined));
    connection.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => {
    babbling.listen(cri.socketPath, resolve);
  });
  t.teardown(() => {
    for (const connection of held) connection.destroy();
    babbling.close();
  });
  const began = performance.now();
  const error = await t.throwsAsync(runtime.facts());
  t.is(error?.name, 'RuntimeError');
  t.true(performance.now() - began < 3_000);
});

async function text(output: AsyncIterable<OutputChunk>): Promise<string> {
  let all = '';
  for await (const chunk of output) all += Buffer.from(chunk.data).toString();
  return all;
}

const line = (second: number, rest: string): string => `2026-01-01T00:00:0${second}.000000001Z ${rest}\n`;

test('a log is read to its end, by time and by lines, with what was cut joined again', async (t) => {
  const { cri, runtime } = await fake(t);
  const id = await runtime.create(spec('web'));
  const path = cri.containers.get(id)?.logPath ?? '';
  const read = async (more: object): Promise<string> =>
    text(await runtime.logs(id, { follow: false, timestamps: false, ...more }));
  t.is(await read({}), '', 'nothing was written yet');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    line(1, 'stdout F one') +
      line(2, 'stdout P tw') +
      line(2, 'stderr F error') +
      line(3, 'stdout F o') +
      'half a li\n' +
      '2026-01-01T02:00:04.5+02:00 stdout F three\n' +
      '2026-01-01T00:00:09Z stdout F no end',
  );
  t.is(await read({}), 'one\ntwerror\no\nthree\n');
  t.is(await read({ tailLines: 1 }), 'three\n');
  t.is(await read({ since: Date.parse('2026-01-01T00:00:03Z') }), 'o\nthree\n');
  t.is(await read({ tailLines: 1, timestamps: true }), '2026-01-01T00:00:04.5Z three\n');
});

test('a full log is put aside, and one who follows it reads on in the next one', async (t) => {
  const { cri, runtime } = await fake(t);
  const id = await runtime.create(spec('web'));
  await runtime.start(id);
  const path = cri.containers.get(id)?.logPath ?? '';
  mkdirSync(dirname(path), { recursive: true });
  for (const age of [1, 2]) writeFileSync(`${path}.${age}`, String(age));
  const full = line(1, `stdout F ${'x'.repeat(1000)}`).repeat(Math.ceil(logsOfFake.bytesMax / 1000));
  writeFileSync(path, full + line(2, 'stdout F last'));
  const output = await runtime.logs(id, { follow: true, timestamps: false, tailLines: 1 });
  const followed = output[Symbol.asyncIterator]();
  const next = async (): Promise<string> => Buffer.from((await followed.next()).value?.data ?? []).toString();
  t.is(await next(), 'last\n');
  const feed = runtime.events({}, () => undefined);
  t.teardown(() => {
    feed.close();
  });
  await until('the rotation', () => {
    cri.news();
    return cri.last('ReopenContainerLog') !== undefined;
  });
  writeFileSync(path, line(3, 'stdout F first of the next'));
  const container = cri.containers.get(id);
  if (container !== undefined) container.state = 'CONTAINER_EXITED';
  t.is(await next(), 'first of the next\n');
  t.true((await followed.next()).done);
  t.is(readFileSync(`${path}.2`, 'utf8'), '1', 'of three files the oldest went');
  t.false(existsSync(`${path}.3`));
  t.is(statSync(`${path}.1`).size, full.length + line(2, 'stdout F last').length);
  const other = `${path}x`;
  writeFileSync(other, 'of another container');
  await removeLog(path);
  t.true(existsSync(other));
  for (const ending of ['', '.1', '.2']) t.false(existsSync(path + ending), 'all of it goes with the container');
});

test('doctor learns whether the runtime answers to CRI, and what keeps pods from running', async (t) => {
  const { cri } = await fake(t);
  const finding = (): Promise<MachineFinding | undefined> =>
    containerdDriver.finding?.(
      { containerdSocket: cri.socketPath },
      {
        findProgram: () => '/usr/bin/containerd',
        clock: { now: () => Date.now(), monotonic: () => performance.now() },
      },
    ) ?? Promise.resolve(undefined);
  t.like(await finding(), { name: 'containerd', ok: true, detail: '9' });
  mkdirSync(join(cri.folder, 'net.d'));
  writeFileSync(join(cri.folder, 'net.d/05-other.conflist'), '{}');
  t.like(await finding(), { ok: false, detail: `gives its pods the network of ${cri.folder}/net.d/05-other.conflist` });
  cri.before = () => {
    throw new GrpcFailure(grpcCodes.unimplemented, 'unknown service runtime.v1.RuntimeService');
  };
  t.like(await finding(), { ok: false, detail: `${cri.socketPath} answers, but not to CRI: the plug-in is off` });
  cri.stop();
  t.like(await finding(), { ok: false, detail: `no answer at ${cri.socketPath}` });
});

test('scores of badness below its own need a capability', (t) => {
  t.true(mayLowerBadness('CapPrm:\t0\nCapEff:\t000001ffffffffff\n'));
  t.false(mayLowerBadness('CapEff:\t000001fffeffffff\n'));
  t.false(mayLowerBadness(''));
});

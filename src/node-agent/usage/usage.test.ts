import test from 'ava';
import { SimulatedNetwork, decode, subjectsOf } from '../../bus/index.ts';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { parseUsageReport, type UsageReport } from '../../protocol/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { resources } from '../../api/index.ts';
import { type ContainerRuntime, simulatedRuntime } from '../runtime/index.ts';
import { cgroupCounters, cgroupFiles, cgroupMounts, machineCounters, processesFile } from './cgroup.ts';
import { type ContainerSample, type Look, usageBetween } from './usage-rates.ts';
import { usageMeter } from './usage-meter.ts';
import { reportUsage } from './usage-reporter.ts';
import type { UsageSource } from './usage-source.ts';

const oneMounts = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`;
const twoMounts = '29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate';

test("a container's counters are found in control groups of version 1", (t) => {
  t.deepEqual(
    cgroupFiles(
      cgroupMounts(oneMounts),
      '5:memory:/docker/4f2a\n3:cpu,cpuacct:/docker/4f2a\n1:name=systemd:/docker/4f2a\n0::/\n',
    ),
    {
      version: 1,
      cpu: '/sys/fs/cgroup/cpu,cpuacct/docker/4f2a/cpuacct.usage',
      memory: '/sys/fs/cgroup/memory/docker/4f2a/memory.usage_in_bytes',
      memoryStat: '/sys/fs/cgroup/memory/docker/4f2a/memory.stat',
    },
  );
});

test('and of version 2', (t) => {
  const folder = '/sys/fs/cgroup/system.slice/docker-4f2a.scope';
  t.deepEqual(cgroupFiles(cgroupMounts(twoMounts), '0::/system.slice/docker-4f2a.scope\n'), {
    version: 2,
    cpu: `${folder}/cpu.stat`,
    memory: `${folder}/memory.current`,
    memoryStat: `${folder}/memory.stat`,
  });
});

test('the number of processes of a container is found in either version', (t) => {
  const one = cgroupMounts('42 31 0:39 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids');
  t.is(processesFile(one, '7:pids:/docker/4f2a\n0::/\n'), '/sys/fs/cgroup/pids/docker/4f2a/pids.current');
  t.is(processesFile(cgroupMounts(twoMounts), '0::/docker/4f2a\n'), '/sys/fs/cgroup/docker/4f2a/pids.current');
  t.is(processesFile(cgroupMounts(''), '0::/docker/4f2a\n'), undefined);
});

test('a group that is mounted as a root is cut off, and one outside of it is not found', (t) => {
  const mounts = cgroupMounts('29 23 0:26 /lxc/one /sys/fs/cgroup rw - cgroup2 cgroup2 rw');
  t.is(cgroupFiles(mounts, '0::/lxc/one/docker/4f2a')?.cpu, '/sys/fs/cgroup/docker/4f2a/cpu.stat');
  t.is(cgroupFiles(mounts, '0::/lxc/one-more/docker/4f2a'), undefined);
  t.is(cgroupFiles(cgroupMounts(''), '0::/docker/4f2a'), undefined);
});

test('idle file pages are no part of the working set', (t) => {
  t.deepEqual(
    cgroupCounters(1, {
      cpu: '123456789\n',
      memory: '5242880\n',
      memoryStat: 'cache 9\ninactive_file 1\ntotal_inactive_file 1048576\n',
    }),
    { cpuNanoseconds: 123_456_789, workingSetBytes: 4_194_304 },
  );
  t.deepEqual(
    cgroupCounters(2, {
      cpu: 'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n',
      memory: '5242880\n',
      memoryStat: 'anon 1\ninactive_file 1048576\nactive_file 2\n',
    }),
    { cpuNanoseconds: 1_500_000, workingSetBytes: 4_194_304 },
  );
  t.is(
    cgroupCounters(2, { cpu: 'usage_usec 1\n', memory: '10\n', memoryStat: 'inactive_file 20\n' })?.workingSetBytes,
    0,
  );
  for (const broken of [
    { cpu: '', memory: '1', memoryStat: 'inactive_file 1' },
    { cpu: 'usage_usec 1', memory: '', memoryStat: 'inactive_file 1' },
    { cpu: 'usage_usec 1', memory: '1', memoryStat: '' },
  ])
    t.is(cgroupCounters(2, broken), undefined);
});

test('the machine counts what ran on it and the memory that is neither free nor idle pages', (t) => {
  const meminfo = 'MemTotal:       1000 kB\nMemFree:         300 kB\nInactive(file):  200 kB\n';
  t.deepEqual(machineCounters('cpu  100 10 50 9999 7 3 2 5 0 0\ncpu0 1 1 1 1\n', meminfo), {
    cpuNanoseconds: 1_650_000_000,
    workingSetBytes: 500 * 1024,
  });
  t.is(machineCounters('', meminfo), undefined);
  t.is(machineCounters('cpu  1 1 1 1 1 1 1\n', 'MemTotal: 5 kB\n'), undefined);
});

const sample = (id: string, more: Partial<ContainerSample> = {}): ContainerSample => ({
  id,
  podUid: 'p',
  name: id,
  startedAt: 0,
  at: 1_000_000,
  since: 500_000,
  cpuNanoseconds: 0,
  workingSetBytes: 7,
  ...more,
});
const look = (...containers: readonly ContainerSample[]): Look => ({ machine: undefined, containers });
const before = (id: string, more: Partial<ContainerSample> = {}): ContainerSample =>
  sample(id, { at: 985_000, since: 485_000, ...more });

test('a rate is the difference between two looks', (t) => {
  const report = usageBetween(
    look(before('a', { cpuNanoseconds: 1e9 })),
    {
      machine: { at: 1_000_000, since: 500_000, cpuNanoseconds: 5e9, workingSetBytes: 9 },
      containers: [sample('a', { cpuNanoseconds: 4e9 })],
    },
    15_000,
  );
  t.deepEqual(
    report,
    {
      periodMs: 15_000,
      pods: [
        {
          uid: 'p',
          at: 1_000_000,
          windowMs: 15_000,
          containers: [{ name: 'a', cpuNanoCores: 200_000_000, memoryBytes: 7 }],
        },
      ],
    },
    'the machine was looked at once only',
  );
  const machine = { at: 985_000, since: 485_000, cpuNanoseconds: 2e9, workingSetBytes: 9 };
  t.deepEqual(
    usageBetween(
      { machine, containers: [] },
      { machine: { ...machine, at: 1_000_000, since: 500_000, cpuNanoseconds: 5e9 }, containers: [] },
      15_000,
    ).node,
    { at: 1_000_000, windowMs: 15_000, cpuNanoCores: 200_000_000, memoryBytes: 9 },
  );
});

test('a fresh container is measured from its start, unless that is too short ago', (t) => {
  const started = (ago: number): UsageReport =>
    usageBetween(look(), look(sample('a', { startedAt: 1_000_000 - ago, cpuNanoseconds: 6e9 })), 15_000);
  t.like(started(12_000).pods[0], { windowMs: 12_000, containers: [{ cpuNanoCores: 500_000_000 }] });
  t.deepEqual(started(9_999).pods, []);
  t.deepEqual(started(15_000).pods, [], 'nothing tells what it did since the last look');
});

test('a pod is reported once all its containers are measured, with the window of the first one', (t) => {
  t.deepEqual(usageBetween(look(before('a')), look(sample('a'), sample('b', { startedAt: 999_000 })), 15_000).pods, []);
  const pods = usageBetween(
    look(before('a'), before('b', { since: 484_000 })),
    look(sample('a'), sample('b', { at: 999_000, since: 499_000 })),
    15_000,
  ).pods;
  t.like(pods[0], { at: 999_000, windowMs: 15_000 });
  t.deepEqual(
    pods[0]?.containers.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('a clock that jumps changes no rate', (t) => {
  t.like(usageBetween(look(before('a')), look(sample('a', { at: 99_000_000, cpuNanoseconds: 15e9 })), 15_000).pods[0], {
    windowMs: 15_000,
    containers: [{ cpuNanoCores: 1e9 }],
  });
});

test("the agent asks the engine once where a container's counters are, and reports each period", async (t) => {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const api = memoryApi();
  const runtime = simulatedRuntime({ clock: time, timers: time, images: ['web:1'], registry: 'none' });
  const inspected: string[] = [];
  const counting: ContainerRuntime = {
    ...(runtime as ContainerRuntime),
    inspect: (id) => {
      inspected.push(id);
      return Promise.resolve({ id, state: 'running', processId: 7 } as never);
    },
  };
  let cpu = 0;
  const source: UsageSource = {
    find: (id) => Promise.resolve(id === 'far' ? undefined : { version: 2, cpu: id, memory: '', memoryStat: '' }),
    read: () => {
      cpu += 1e9;
      return Promise.resolve({ cpuNanoseconds: cpu, workingSetBytes: 5 });
    },
    machine: () => Promise.resolve({ cpuNanoseconds: 0, workingSetBytes: 1 }),
    processes: () => Promise.resolve(undefined),
  };
  const reports: UsageReport[] = [];
  const subjects = subjectsOf('test');
  network.client('member').subscribe(subjects.nodesUsage, ({ subject, payload }) => {
    t.is(subjects.usageNode(subject), 'n.1');
    const report = parseUsageReport(decode(payload));
    if (report !== undefined) reports.push(report);
  });
  const running = (name: string, id: string): object => ({
    name,
    containerID: `docker://${id}`,
    state: { running: { startedAt: new Date(time.now() - 3_600_000).toISOString() } },
  });
  api.put(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'one', namespace: 'shop', uid: 'u1' },
    spec: { nodeName: 'n.1', containers: [] },
    status: {
      initContainerStatuses: [running('side', 'near')],
      containerStatuses: [
        running('main', 'near2'),
        { name: 'ended', containerID: 'docker://gone', state: { terminated: {} } },
      ],
    },
  });
  const reporter = reportUsage({
    bus: network.client('agent'),
    subjects,
    node: 'n.1',
    meter: usageMeter({ node: 'n.1', view: api.view, runtime: counting, source, clock: time }),
    timers: time,
    log: silentLogger,
    periodMs: 15_000,
  });
  for (let i = 0; i < 35; i++) await time.run(1000);
  t.deepEqual(inspected, ['near', 'near2']);
  t.is(reports.length, 2);
  t.like(reports[0], {
    periodMs: 15_000,
    node: { windowMs: 15_000, cpuNanoCores: 0 },
    pods: [
      { uid: 'u1', windowMs: 15_000, containers: [{ name: 'side', cpuNanoCores: 133_333_333 }, { name: 'main' }] },
    ],
  });
  reporter.close();
  for (let i = 0; i < 20; i++) await time.run(1000);
  t.is(reports.length, 2);
});

import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from './cluster.ts';

/**
 * A node that runs out of memory, process numbers, disk and inodes: for real, but with thresholds near what it has now,
 * and with a small filesystem as its disk, so that the machine is never in danger.
 */
const image = 'troupe.local/hello:1';
const mebi = 2 ** 20;
const none = ['nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree', 'memory.available'];
/** A node with these thresholds alone. */
const settings = (hard: Readonly<Record<string, string>>): string[] => [
  'node:',
  '  evictionPressureTransitionPeriod: 15s',
  '  evictionHard:',
  ...Object.entries({ ...Object.fromEntries(none.map((signal) => [signal, '0%'])), ...hard }).map(
    ([signal, amount]) => `    ${signal}: "${amount}"`,
  ),
];

interface Made {
  readonly command: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
}

class EvictingCluster {
  readonly cluster: Cluster;
  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get node(): string {
    return this.cluster.status().nodes[0]?.name ?? '';
  }

  start(name: string, { command, requests = {}, nodeName }: Made): void {
    const container = {
      name: 'main',
      image,
      command: ['sh', '-c', command],
      resources: { requests },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const spec = {
      nodeName,
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [container],
    };
    this.cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }));
  }

  field(pod: string, path: string): string {
    return this.cluster.must('get', 'pod', pod, '-o', `jsonpath={.status.${path}}`);
  }

  async running(name: string): Promise<void> {
    await eventually(`${name} to run`, () => this.field(name, 'phase') === 'Running');
  }

  async evicted(name: string): Promise<string> {
    await eventually(`${name} to be evicted`, () => this.field(name, 'reason') === 'Evicted', 90_000);
    return this.field(name, 'message');
  }

  condition(type: string): string {
    return this.cluster.must(
      'get',
      'nodes',
      '-o',
      `jsonpath={.items[0].status.conditions[?(@.type=="${type}")]['status','reason']}`,
    );
  }

  get taints(): string {
    return this.cluster.must('get', 'nodes', '-o', 'jsonpath={.items[0].spec.taints[*].key}');
  }

  async relieved(type: string): Promise<void> {
    await eventually(
      `no ${type} and no taint`,
      () => this.condition(type).startsWith('False') && this.taints === '',
      120_000,
    );
  }

  /** Containers of a pod that the engine still has, its sandbox among them. */
  containers(pod: string): string {
    const uid = this.cluster.must('get', 'pod', pod, '-o', 'jsonpath={.metadata.uid}');
    return run('docker', ['ps', '-aq', '--filter', `label=troupe.pod.uid=${uid}`]).stdout;
  }

  events(about: string): string {
    return this.cluster.must(
      'get',
      'events',
      '--field-selector',
      `involvedObject.name=${about}`,
      '-o',
      'jsonpath={.items[*].reason}',
    );
  }
}

const meminfo = (name: string): number =>
  Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? '0') * 1024;

test.serial(
  'memory and process numbers: the pod that takes them goes, others stay, and the node recovers',
  async (t) => {
    ensureBusyboxImage(image);
    const available = meminfo('MemFree') + meminfo('Inactive\\(file\\)');
    // A sixteenth of what is there, as a power of two, since the program doubles a text. The threshold is two of them
    // away, so that others on the machine do not cross it, and the pod takes four.
    const unit = 2 ** Math.floor(Math.log2(available / 16));
    const [, threads = '0'] = /\/(\d+) /.exec(readFileSync('/proc/loadavg', 'utf8')) ?? [];
    const numbers = Math.min(
      ...['pid_max', 'threads-max'].map((name) => Number(readFileSync(`/proc/sys/kernel/${name}`, 'utf8'))),
    );
    const least = { 'memory.available': `${Math.floor((available - 2 * unit) / mebi)}Mi` };
    const processes = { 'pid.available': String(numbers - Number(threads) - 1200) };
    const own = new EvictingCluster(await Cluster.create('evict', [], settings({ ...least, ...processes })));
    const { cluster } = own;
    try {
      own.start('modest', { command: 'sleep 1000', requests: { memory: '64Mi' } });
      await own.running('modest');
      const grow = `x = "0123456789abcdef"; while (length(x) < ${unit}) x = x x`;
      const program = `${grow}; a = x "a"; b = x "b"; c = x "c"; system("sleep 1000")`;
      own.start('greedy', { command: `exec awk 'BEGIN { ${program} }'` });
      const told = await own.evicted('greedy');
      t.regex(told, /^The node was low on resource: memory\. Threshold quantity: \d+Mi, available: \d+Ki\. Container/);
      t.regex(told, / Container main was using \d+Ki, request is 0, has larger consumption of memory\. $/);
      t.is(own.field('greedy', 'phase'), 'Failed');
      t.is(own.field('greedy', `conditions[?(@.type=="DisruptionTarget")].reason`), 'TerminationByKubelet');
      await eventually('nothing of it to be left', () => own.containers('greedy') === '');
      t.true(own.events('greedy').includes('Evicted'));
      t.is(own.condition('MemoryPressure'), 'True KubeletHasInsufficientMemory');
      await eventually('the taint', () => own.taints === 'node.kubernetes.io/memory-pressure');
      own.start('late', { command: 'sleep 1000', nodeName: own.node });
      t.is(await own.evicted('late'), 'Pod was rejected: The node had condition: [MemoryPressure]. ');
      t.is(own.field('modest', 'phase'), 'Running');
      await own.relieved('MemoryPressure');
      t.regex(own.events(own.node), /EvictionThresholdMet/);

      own.start('forks', { command: 'i=0; while [ $i -lt 3000 ]; do sleep 1000 & i=$((i+1)); done; wait' });
      t.regex(
        await own.evicted('forks'),
        /^The node was low on resource: pids\. Threshold quantity: \w+, available: \w+\. $/,
      );
      t.is(own.condition('PIDPressure'), 'True KubeletHasInsufficientPID');
      t.is(own.field('modest', 'phase'), 'Running');
      await own.relieved('PIDPressure');
      own.start('again', { command: 'sleep 1000' });
      await own.running('again');
    } finally {
      cluster.destroy();
    }
  },
);

test.serial('disk and inodes: what an evicted pod had on the disk is free again', async (t) => {
  if (process.getuid?.() !== 0) {
    t.log('skipped: only root can mount the small filesystem');
    t.pass();
    return;
  }
  ensureBusyboxImage(image);
  const disk = mkdtempSync(join(tmpdir(), 'troupe-small-disk-'));
  t.is(run('mount', ['-t', 'tmpfs', '-o', 'size=768m,nr_inodes=30000', 'tmpfs', disk]).status, 0);
  const { TMPDIR } = process.env;
  let own: EvictingCluster | undefined;
  try {
    process.env['TMPDIR'] = disk;
    const least = { 'nodefs.available': '200Mi', 'nodefs.inodesFree': '6000' };
    own = new EvictingCluster(await Cluster.create('evict-disk', [], settings(least)));
    const free = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize;
    own.start('small', {
      command: 'dd if=/dev/zero of=/data/some bs=1M count=5; sleep 1000',
      requests: { 'ephemeral-storage': '50Mi' },
    });
    await own.running('small');
    const megabytes = Math.floor(free() / mebi) - 100;
    own.start('filler', { command: `dd if=/dev/zero of=/data/much bs=1M count=${megabytes}; sleep 1000` });
    t.regex(
      await own.evicted('filler'),
      /^The node was low on resource: ephemeral-storage\. Threshold quantity: 200Mi, available: \d+Ki\. /,
    );
    await eventually('its space to be free', () => free() > (megabytes - 50) * mebi);
    t.is(own.containers('filler'), '');
    t.is(own.condition('DiskPressure'), 'True KubeletHasDiskPressure');
    own.start('waits', { command: 'sleep 1000' });
    await own.running('waits');
    await own.relieved('DiskPressure');

    const files = statfsSync(disk).ffree - 4000;
    own.start('many', {
      command: `i=0; while [ $i -lt ${files} ]; do : > /data/$i; i=$((i+1)); done; sleep 1000`,
    });
    t.regex(
      await own.evicted('many'),
      /^The node was low on resource: inodes\. Threshold quantity: 6k, available: \w+\. $/,
    );
    await eventually('its inodes to be free', () => statfsSync(disk).ffree > files);
    t.is(own.field('small', 'phase'), 'Running');
    t.is(own.field('waits', 'phase'), 'Running');
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    own?.cluster.destroy();
    run('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

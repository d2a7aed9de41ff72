import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, signalProcess } from './cluster.ts';

/** Devices by claims: a real node with Docker, and the sample driver with one device beside it. */
const image = 'troupe.local/hello:1';
const driverName = 'claims-test.troupe.dev';
const cdiFolder = '/var/run/cdi';
const example = resolve(import.meta.dirname, '..', '..', 'examples', 'dra-sample', 'driver.ts');
const problem = process.getuid?.() === 0 ? undefined : `${cdiFolder} belongs to root`;
let cluster: Cluster;
let root = '';
let folder = '';
let driver: ChildProcess | undefined;

function bundle(): void {
  const banner = `import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);`;
  const made = spawnSync(
    'esbuild',
    [
      example,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--log-level=error',
      `--banner:js=${banner}`,
      `--outfile=${join(folder, 'driver.mjs')}`,
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`the sample driver cannot be bundled: ${made.stderr}`);
}

function startDriver(node: string): void {
  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, cluster.ca);
  mkdirSync(join(folder, 'faults'), { recursive: true });
  const places = ['--root', root, '--cdi', cdiFolder, '--faults', join(folder, 'faults')];
  const identity = ['--name', driverName, '--node', node, '--devices', '1', '--server', cluster.url, '--ca', ca];
  const output = openSync(join(folder, 'driver.log'), 'a');
  driver = spawn(process.execPath, [join(folder, 'driver.mjs'), ...places, ...identity], {
    stdio: ['ignore', output, output],
    env: { ...process.env, TOKEN: cluster.token },
  });
  closeSync(output);
}

test.before('a cluster with the feature, and the driver on its node', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  ensureBusyboxImage(image);
  root = mkdtempSync(join(tmpdir(), 'troupe-kubelet-'));
  folder = mkdtempSync(join(tmpdir(), 'troupe-claims-'));
  bundle();
  cluster = await Cluster.create(
    'claims',
    [],
    ['featureGates:', '  DynamicResourceAllocation: true', 'node:', `  kubeletRoot: ${root}`],
  );
  await eventually('the folder of plug-ins', () => existsSync(join(root, 'plugins_registry')));
  startDriver(cluster.status().nodes[0]?.name ?? '');
  cluster.apply(`apiVersion: resource.k8s.io/v1beta1
kind: DeviceClass
metadata: { name: sample }
spec: { selectors: [{ cel: { expression: device.driver == "${driverName}" } }] }
---
apiVersion: resource.k8s.io/v1beta1
kind: ResourceClaimTemplate
metadata: { name: one }
spec:
  spec:
    devices:
      requests:
        - name: dev
          deviceClassName: sample
          selectors: [{ cel: { expression: 'device.attributes["${driverName}"].model == "sample"' } }]
`);
});
test.after.always('removed with everything that it made', () => {
  driver?.kill('SIGKILL');
  if (cluster !== undefined) cluster.destroy();
  for (const place of [root, folder]) if (place !== '') rmSync(place, { recursive: true, force: true });
  for (const file of existsSync(cdiFolder) ? readdirSync(cdiFolder) : [])
    if (file.startsWith(driverName)) rmSync(join(cdiFolder, file));
});

const start = (name: string, more: object = {}): void => {
  const container = {
    name: 'main',
    image,
    command: ['sh', '-c', 'echo $SAMPLE_DEV; head -c 3 /dev/sample-$SAMPLE_DEV | wc -c; exec sleep 1000'],
    resources: { claims: [{ name: 'dev' }] },
    ...more,
  };
  const claimed = 'resources' in more ? {} : { resourceClaims: [{ name: 'dev', resourceClaimTemplateName: 'one' }] };
  const spec = { terminationGracePeriodSeconds: 1, restartPolicy: 'Never', containers: [container], ...claimed };
  cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }));
};
const field = (pod: string, path: string): string =>
  cluster.kubectl('get', 'pod', pod, '-o', `jsonpath={.status.${path}}`).stdout;
const running = (name: string): Promise<unknown> =>
  eventually(`${name} to run`, () => field(name, 'phase') === 'Running');
const states = (): string => cluster.must('get', 'resourceclaims', '--no-headers');
const events = (pod: string): string =>
  cluster.must('get', 'events', '--field-selector', `involvedObject.name=${pod}`, '-o', 'jsonpath={..message}');

async function withReason(t: { log(...texts: unknown[]): void }, body: () => Promise<void>): Promise<void> {
  await body().catch((error: unknown) => {
    t.log(readFileSync(join(folder, 'driver.log'), 'utf8').slice(-2_000), cluster.logs().slice(-4_000));
    t.log(cluster.kubectl('describe', 'pod').stdout.slice(-4_000));
    t.log(cluster.kubectl('get', 'resourceclaims,resourceslices,deviceclasses', '-o', 'yaml').stdout.slice(-6_000));
    throw error;
  });
}

test.serial('a pod gets a device, another one waits for it, and gets it when the first ends', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    t.pass();
    return;
  }
  await withReason(t, async () => {
    await eventually('the slice', () => cluster.must('get', 'resourceslices', '-o', 'name') !== '');
    start('one');
    await running('one');
    await eventually('its words', () => cluster.must('logs', 'one') === 'device-0\n3\n');
    t.regex(states(), /^one-dev-\w{5}\s+allocated,reserved\s/);
    start('two');
    start('neighbour', { command: ['sleep', '1000'], resources: {} });
    await running('neighbour');
    await eventually('it to wait', () => field('two', 'conditions[0].message').includes('cannot allocate all claims'));

    const id = field('one', 'containerStatuses[0].containerID');
    const agent = cluster.status().nodes[0]?.pid;
    signalProcess(agent);
    await eventually('another agent', () => {
      const [node] = cluster.status().nodes;
      return node?.ready === true && node.pid !== null && node.pid !== agent;
    });
    t.is(field('one', 'containerStatuses[0].containerID'), id);
    t.is(field('one', 'phase'), 'Running');

    cluster.must('delete', 'pod', 'one', '--wait');
    await running('two');
    await eventually('its words', () => cluster.must('logs', 'two') === 'device-0\n3\n');
    await eventually('the claim of the first to go', () => !states().includes('one-dev'));
    t.is(readdirSync(cdiFolder).filter((file) => file.startsWith(driverName)).length, 1);
  });
});

test.serial('a driver that fails holds up its pods, says so, and nobody else waits', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    t.pass();
    return;
  }
  await withReason(t, async () => {
    const fault = join(folder, 'faults', 'fail');
    writeFileSync(fault, '');
    cluster.must('delete', 'pod', 'two', '--wait=false');
    await eventually('the reason', () => events('two').includes('cannot give back the devices of claim two-dev'));
    start('beside', { command: ['sleep', '1000'], resources: {} });
    await running('beside');
    t.regex(cluster.must('get', 'pods', '--no-headers'), /two\s+\S+\s+Terminating/);
    rmSync(fault);
    await eventually('it to go', () => !cluster.must('get', 'pods', '-o', 'name').includes('pod/two'));
    writeFileSync(fault, '');
    start('three', { command: ['sh', '-c', 'echo $SAMPLE_DEV'] });
    await eventually('the reason', () => events('three').includes('cannot prepare the devices of claim "dev"'));
    rmSync(fault);
    await eventually('it to end', () => field('three', 'phase') === 'Succeeded');
    t.is(cluster.must('logs', 'three'), 'device-0\n');
    await eventually('nothing to be left', () => !states().includes('-dev-'));
    t.deepEqual(
      readdirSync(cdiFolder).filter((file) => file.startsWith(driverName)),
      [],
    );
    t.is(field('neighbour', 'phase'), 'Running');
  });
});

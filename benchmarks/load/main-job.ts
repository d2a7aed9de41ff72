/**
 * The main job's figures on this machine, with real parts: start of a cluster, idle memory, the example, single pods, a
 * Deployment of 30 and its rolling update, the death of a node, GET of one pod.
 *   node benchmarks/load/main-job.ts [--json FILE]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import autocannon from 'autocannon';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually } from '../../test/integration/cluster.ts';
import { type Figure, report } from '../figures.ts';
import { Api } from './api.ts';
import { deploymentFigures, nodeDeath, onDocker, singlePods } from './pod-figures.ts';

const getSeconds = 10;
const image = 'troupe.local/hello:1';

/** Resident memory of a process and all below it, in MiB. */
function treeMemory(pid: number): number {
  const status = (id: number): string => readFileSync(`/proc/${id}/status`, 'utf8');
  const own = Number(/VmRSS:\s+(\d+)/.exec(status(pid))?.[1] ?? 0) / 1024;
  const below = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      try {
        return Number(/PPid:\s+(\d+)/.exec(status(id))?.[1]) === pid;
      } catch {
        return false; // The process has gone meanwhile.
      }
    });
  return below.reduce((sum, id) => sum + treeMemory(id), own);
}

async function idleMemory(pid: number): Promise<Figure> {
  await new Promise((resolve) => {
    setTimeout(resolve, 10_000);
  });
  const value = treeMemory(pid);
  return {
    name: 'memory, idle server + agent + nats-server',
    value,
    unit: 'MiB',
    goal: '<= 200 MB',
    peer: 'Kubernetes, server and node (measured before)',
    peerValue: 696,
    ratio: 696 / value,
  };
}

async function example(cluster: Cluster): Promise<Figure> {
  const applied = performance.now();
  cluster.apply(readFileSync('examples/hello/hello.yaml', 'utf8'));
  await eventually(
    'the example',
    () => cluster.must('get', 'deployment', 'hello', '-o', 'jsonpath={.status.readyReplicas}') === '3',
  );
  return {
    name: 'example Running after apply',
    value: (performance.now() - applied) / 1000,
    unit: 's',
    goal: '<= 10 s',
  };
}

async function getOfOnePod(cluster: Cluster): Promise<Figure[]> {
  const result = await autocannon({
    url: `${cluster.url}/api/v1/namespaces/default/pods/single-0`,
    connections: 64,
    duration: getSeconds,
    headers: { authorization: `Bearer ${cluster.token}` },
    tlsOptions: { rejectUnauthorized: false },
  });
  if (result.non2xx > 0) throw new Error(`${result.non2xx} answers were not 200`);
  return [
    {
      name: 'GET of one pod, 64 connections, TLS',
      value: result.requests.average,
      unit: 'per s',
      goal: '>= 10,000 per s',
    },
    { name: 'GET of one pod, p99', value: result.latency.p99, unit: 'ms' },
  ];
}

async function measure(): Promise<Figure[]> {
  ensureBusyboxImage(image);
  const figures: Figure[] = [];
  const first = await Cluster.create('bench');
  first.troupe('down');
  const started = performance.now();
  const again = first.up();
  if (again.status !== 0) throw new Error(again.stderr);
  figures.push({
    name: 'troupe up until the API is ready',
    value: (performance.now() - started) / 1000,
    unit: 's',
    goal: '<= 3 s',
  });
  const api = new Api(first);
  try {
    await eventually('the node', () => first.status().nodes[0]?.ready === true);
    const ground = onDocker(api, first);
    figures.push(await idleMemory(ground.memberPid), await example(first));
    figures.push(...(await singlePods(ground)), ...(await deploymentFigures(ground)), ...(await getOfOnePod(first)));
  } finally {
    api.close();
    first.destroy();
  }
  figures.push(...(await nodeDeath()));
  return figures;
}

const loadBefore = loadavg()[0] ?? 0;
report(`The main job (load average ${loadBefore.toFixed(1)} before it)`, await measure());

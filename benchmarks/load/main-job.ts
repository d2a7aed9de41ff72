/**
 * The main job's figures on this machine, with real parts: start of a cluster, the example, single pods, idle memory, GET of one pod.
 *   node benchmarks/load/main-job.ts [--json FILE]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import autocannon from 'autocannon';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually } from '../../test/integration/cluster.ts';
import { type Figure, quantile, report } from '../figures.ts';

const podCount = 20;
const getSeconds = 10;
const image = 'troupe.local/hello:1';

/** Resident memory of a process and all below it, in MiB. */
function treeMemory(pid: number): number {
  const status = (id: number): string => readFileSync(`/proc/${id}/status`, 'utf8');
  const own = Number(/VmRSS:\s+(\d+)/.exec(status(pid))?.[1] ?? 0) / 1024;
  const below = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
    try {
      return Number(/PPid:\s+(\d+)/.exec(status(id))?.[1]) === pid;
    } catch {
      return false; // The process has gone meanwhile.
    }
  });
  return below.reduce((sum, id) => sum + treeMemory(id), own);
}

function call(agent: Agent, cluster: Cluster, options: { method: string; path: string; body?: unknown }): Promise<string> {
  return new Promise((resolve, reject) => {
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const outgoing = request(`${cluster.url}${options.path}`, { method: options.method, agent, headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); });
      response.on('end', () => { if ((response.statusCode ?? 500) < 300) resolve(text); else reject(new Error(text)); });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** From POST of one pod until a watch shows it Running, in ms. */
async function podStart(agent: Agent, cluster: Cluster, name: string): Promise<number> {
  const running = new Promise<void>((resolve, reject) => {
    const watch = request(`${cluster.url}/api/v1/namespaces/default/pods?watch=1&fieldSelector=metadata.name%3D${name}`, { agent: false, ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}` } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('"phase":"Running"')) {
          watch.destroy();
          resolve();
        }
      });
    });
    watch.on('error', (error) => { if (!watch.destroyed) reject(error); });
    watch.end();
  });
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  const started = performance.now();
  await call(agent, cluster, { method: 'POST', path: '/api/v1/namespaces/default/pods', body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image, command: ['sleep', '1000'] }] } } });
  await running;
  return performance.now() - started;
}

async function measure(): Promise<Figure[]> {
  ensureBusyboxImage(image);
  const figures: Figure[] = [];
  const first = await Cluster.create('bench');
  first.troupe('down');
  const started = performance.now();
  const again = first.up();
  if (again.status !== 0) throw new Error(again.stderr);
  figures.push({ name: 'troupe up until the API is ready', value: (performance.now() - started) / 1000, unit: 's', goal: '<= 3 s' });
  const agent = new Agent({ keepAlive: true, ca: first.ca });
  try {
    await eventually('the node', () => first.status().nodes[0]?.ready === true);
    const pid = first.status().members[0]?.pid ?? 0;
    await new Promise((resolve) => { setTimeout(resolve, 10_000); });
    figures.push({ name: 'memory, idle server + agent + nats-server', value: treeMemory(pid), unit: 'MiB', goal: '<= 200 MB' });

    const applied = performance.now();
    first.apply(readFileSync('examples/hello/hello.yaml', 'utf8'));
    await eventually('the example', () => first.must('get', 'deployment', 'hello', '-o', 'jsonpath={.status.readyReplicas}') === '3');
    figures.push({ name: 'example Running after apply', value: (performance.now() - applied) / 1000, unit: 's', goal: '<= 10 s' });

    const samples: number[] = [];
    for (let i = 0; i < podCount; i++) samples.push(await podStart(agent, first, `single-${i}`));
    figures.push({ name: `single pod, create to Running, p50 of ${podCount}`, value: quantile(samples, 0.5), unit: 'ms', goal: '<= 400 ms' });
    figures.push({ name: `single pod, create to Running, p95 of ${podCount}`, value: quantile(samples, 0.95), unit: 'ms' });

    const result = await autocannon({ url: `${first.url}/api/v1/namespaces/default/pods/single-0`, connections: 64, duration: getSeconds, headers: { authorization: `Bearer ${first.token}` }, tlsOptions: { rejectUnauthorized: false } });
    if (result.non2xx > 0) throw new Error(`${result.non2xx} answers were not 200`);
    figures.push({ name: 'GET of one pod, 64 connections, TLS', value: result.requests.average, unit: 'per s', goal: '>= 10,000 per s' });
    figures.push({ name: 'GET of one pod, p99', value: result.latency.p99, unit: 'ms' });
  } finally {
    agent.destroy();
    first.destroy();
  }
  return figures;
}

report('The main job', await measure());

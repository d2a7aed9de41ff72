import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Pod, resources } from '../../api/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { ProbeTally } from '../probes/index.ts';
import { simulatedRuntime } from '../runtime/index.ts';
import type { Look } from '../usage/index.ts';
import { type KubeletAnswer, kubeletPaths } from './kubelet-paths.ts';
import { type NodeLog, readNodeLog } from './node-log.ts';

const at = 1_700_000_000_000;
const look = (seconds: number): Look => ({
  machine: { at, since: seconds * 1000, cpuNanoseconds: seconds * 1e9, workingSetBytes: 600 },
  containers: [
    {
      id: 'c1',
      podUid: 'u1',
      name: 'main',
      startedAt: at - 60_000,
      at,
      since: seconds * 1000,
      cpuNanoseconds: seconds * 5e8,
      workingSetBytes: 42,
    },
  ],
});

/** A kubelet with one measured pod of its own, and one of another node. */
function kubelet(more: { readonly notReady?: string } = {}) {
  const time = new SimulatedTime();
  const api = memoryApi();
  const probes = new ProbeTally();
  for (const [name, uid, nodeName] of [
    ['web', 'u1', 'n1'],
    ['far', 'u2', 'n2'],
  ] as const)
    api.put(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', uid },
      spec: {
        nodeName,
        containers: [{ name: 'main', image: 'web:1', resources: { limits: { cpu: '500m', memory: '1Ki' } } }],
      },
      status: { startTime: '2023-11-14T22:12:20Z' },
    });
  const ask = kubeletPaths({
    node: 'n1',
    cluster: 'test',
    view: api.view,
    runtime: simulatedRuntime({ clock: time, timers: time, images: ['web:1'], registry: 'none' }),
    meter: {
      look: () => Promise.reject(new Error('only what is recent is asked for')),
      recent: () => Promise.resolve({ now: look(20), before: look(10) }),
    },
    probes,
    clock: { now: () => at, monotonic: () => 0 },
    log: () => Promise.resolve(undefined),
    disk: () => Promise.resolve({ totalBytes: 100, freeBytes: 40 }),
    notReadyReason: () => more.notReady,
    volumeStats: ({ metadata }) =>
      Promise.resolve([
        {
          name: 'data',
          pvcRef: { name: `claim-of-${metadata.name}`, namespace: 'shop' },
          time: '2023-11-14T22:13:20Z',
          capacityBytes: 10,
          usedBytes: 4,
          availableBytes: 6,
        },
        { name: 'inline', time: '2023-11-14T22:13:20Z', usedBytes: 1 },
      ]),
    configuration: { maxPods: 7 },
  });
  return { ask, probes };
}

const text = ({ body }: KubeletAnswer): string => (typeof body === 'string' ? body : '');

test('the pods of the node are listed, and those of other nodes are not', async (t) => {
  const answer = await kubelet().ask('/pods?x=y');
  t.is(answer.headers['content-type'], 'application/json');
  const list = JSON.parse(text(answer)) as { kind: string; items: readonly Pod[] };
  t.deepEqual([list.kind, list.items.map(({ metadata }) => metadata.name)], ['PodList', ['web']]);
});

test('CPU and memory are told under the names that metrics-server and dashboards read', async (t) => {
  const { ask } = kubelet();
  const resource = text(await ask('/metrics/resource'));
  for (const line of [
    `node_cpu_usage_seconds_total 20 ${at}`,
    `container_cpu_usage_seconds_total{container="main",namespace="shop",pod="web"} 10 ${at}`,
    `pod_memory_working_set_bytes{namespace="shop",pod="web"} 42 ${at}`,
    `container_start_time_seconds{container="main",namespace="shop",pod="web"} ${at / 1000 - 60}`,
    '# TYPE container_cpu_usage_seconds_total counter',
    'resource_scrape_error 0',
  ])
    t.true(resource.split('\n').includes(line), `${line}\n${resource}`);
  const cadvisor = text(await ask('/metrics/cadvisor'));
  const labels = 'container="main",ID,image="web:1",name="main_web_shop",namespace="shop",pod="web"';
  for (const [name, more, value] of [
    ['container_memory_working_set_bytes', '', 42],
    ['container_cpu_usage_seconds_total', 'cpu="total",', 10],
    ['container_spec_memory_limit_bytes', '', 1024],
    ['container_spec_cpu_quota', '', 50_000],
  ] as const) {
    const shown = labels.replace('ID', `${more}id="c1"`);
    t.true(cadvisor.split('\n').includes(`${name}{${shown}} ${value} ${at}`), `${name}\n${cadvisor}`);
  }
});

test('the summary has the use of the node, its disk and its pods, with rates between two looks', async (t) => {
  const summary = JSON.parse(text(await kubelet().ask('/stats/summary'))) as { node: object; pods: readonly object[] };
  t.like(summary.node, {
    nodeName: 'n1',
    cpu: { usageNanoCores: 1e9, usageCoreNanoSeconds: 20e9 },
    memory: { workingSetBytes: 600 },
    fs: { availableBytes: 40, capacityBytes: 100, usedBytes: 60 },
  });
  t.like(summary.pods[0], {
    podRef: { name: 'web', namespace: 'shop', uid: 'u1' },
    cpu: { usageNanoCores: 5e8 },
    containers: [{ name: 'main', memory: { workingSetBytes: 42 } }],
  } as object);
});

test('how full the volumes of claims are is told in the summary, and as metrics', async (t) => {
  const { ask } = kubelet();
  const summary = JSON.parse(text(await ask('/stats/summary'))) as { pods: readonly { volume: readonly object[] }[] };
  t.deepEqual(
    summary.pods[0]?.volume.map(({ name }: { name?: string }) => name),
    ['data', 'inline'],
  );
  const labels = '{namespace="shop",persistentvolumeclaim="claim-of-web"}';
  t.deepEqual(
    text(await ask('/metrics'))
      .split('\n')
      .filter((line) => line.startsWith('kubelet_volume_stats')),
    ['capacity_bytes', 'available_bytes', 'used_bytes'].map(
      (name, i) => `kubelet_volume_stats_${name}${labels} ${[10, 6, 4][i]}`,
    ),
  );
});

test('outcomes of probes are counted for pods that are there', async (t) => {
  const { ask, probes } = kubelet();
  for (const passed of [true, false, true]) probes.note({ podUid: 'u1', container: 'main' }, 'liveness', passed);
  probes.note({ podUid: 'gone', container: 'main' }, 'liveness', true);
  const of = 'container="main",namespace="shop",pod="web",pod_uid="u1",probe_type="Liveness"';
  t.deepEqual(
    text(await ask('/metrics/probes'))
      .split('\n')
      .filter((line) => line.startsWith('prober')),
    [`prober_probe_total{${of},result="successful"} 2`, `prober_probe_total{${of},result="failed"} 1`],
  );
  probes.forget('u1');
  t.false(text(await ask('/metrics/probes')).includes('prober_probe_total{'));
});

test('health says why a node cannot run pods', async (t) => {
  t.is(text(await kubelet().ask('/healthz')), 'ok');
  const sick = kubelet({ notReady: 'container runtime is down' });
  const answer = await sick.ask('/healthz');
  t.is(answer.status, 500);
  t.true(text(answer).includes('[+]ping ok\n'));
  t.true(text(answer).includes('[-]syncloop failed: container runtime is down'));
  t.is((await sick.ask('/healthz/ping')).status, 200);
});

test('the configuration has its kind; what is not served is not found', async (t) => {
  const { ask } = kubelet();
  t.deepEqual(JSON.parse(text(await ask('/configz'))), {
    kubeletconfig: { kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1', maxPods: 7 },
  });
  for (const path of ['/', '/nothing', '/constructor', '//pods', '/metrics/../pods', '/logs/x'])
    t.is((await ask(path)).status, 404, path);
  t.like(await ask('/logs'), { status: 301, headers: { location: '/logs/' } });
});

function logFolder(t: ExecutionContext): string {
  const top = mkdtempSync(join(tmpdir(), 'logs-'));
  t.teardown(() => {
    rmSync(top, { recursive: true });
  });
  mkdirSync(join(top, 'log', 'pods'), { recursive: true });
  writeFileSync(join(top, 'secret'), 'secret');
  writeFileSync(join(top, 'log', 'messages'), 'x'.repeat(100_000));
  symlinkSync('messages', join(top, 'log', 'inside'));
  symlinkSync('../secret', join(top, 'log', 'outside'));
  symlinkSync('..', join(top, 'log', 'up'));
  return join(top, 'log');
}

async function lengthOf(log: NodeLog | undefined): Promise<number | undefined> {
  if (log?.type !== 'file') return undefined;
  let length = 0;
  for await (const part of log.content) length += part.byteLength;
  return length;
}

test('logs are read below their folder, and no link leads out of it', async (t) => {
  const folder = logFolder(t);
  t.deepEqual(await readNodeLog(folder, ''), {
    type: 'folder',
    names: ['inside', 'messages', 'outside', 'pods/', 'up'],
  });
  t.is(await lengthOf(await readNodeLog(folder, 'messages')), 100_000);
  t.is(await lengthOf(await readNodeLog(folder, 'inside')), 100_000);
  for (const path of ['outside', '../secret', 'up', 'up/secret', 'pods/../../secret', 'nothing'])
    t.is(await readNodeLog(folder, path), undefined, path);
});

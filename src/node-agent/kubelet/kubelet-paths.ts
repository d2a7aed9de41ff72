/** Answers the paths of a kubelet's port. */
import { isFinished, type Pod, resources } from '../../api/index.ts';
import { type Clock, errorMessage } from '../../base/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { ProbeTally } from '../probes/index.ts';
import { type ContainerRuntime, labels } from '../runtime/index.ts';
import type { Looks, UsageMeter } from '../usage/index.ts';
import { exposition, type MetricFamily } from './exposition.ts';
import { type MeasuredPod, measuredPods } from './measured-pods.ts';
import type { NodeLog } from './node-log.ts';
import { cadvisorMetrics, resourceMetrics } from './resource-metrics.ts';
import { statsSummary } from './stats-summary.ts';
import { volumeMetrics, type VolumeStats } from './volume-stats.ts';

interface KubeletPorts {
  readonly node: string;
  readonly cluster: string;
  readonly view: ResourceView;
  readonly runtime: ContainerRuntime;
  readonly meter: UsageMeter;
  readonly probes: ProbeTally;
  readonly clock: Clock;
  /** Below the log folder; see node-log.ts. */
  readonly log: (path: string) => Promise<NodeLog | undefined>;
  readonly disk: () => Promise<{ readonly totalBytes: number; readonly freeBytes: number }>;
  /** Why the node cannot run pods now; undefined: it can. */
  readonly notReadyReason: () => string | undefined;
  /** How full the volumes of a pod are, as far as it is known. */
  readonly volumeStats?: ((pod: Pod) => Promise<readonly VolumeStats[]>) | undefined;
  /** How many volumes of which kind the pods use. */
  readonly volumeCounts?: ((pods: readonly Pod[]) => readonly MetricFamily[]) | undefined;
  /** What holds for the node, in the kubelet's words (KubeletConfiguration). */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The metrics of the agent's own process, if it has one of its own. */
  readonly renderMetrics?: (() => string) | undefined;
}

export interface KubeletAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
}

/** Answers a path with its query. Rejects when the engine does not answer. */
export type KubeletPaths = (path: string) => Promise<KubeletAnswer>;

type Answering = (ports: KubeletPorts) => KubeletAnswer | Promise<KubeletAnswer>;

/** What was measured is told again for as long: many may ask. */
const lookAgeMs = 1000;
const healthChecks = ['ping', 'log', 'syncloop'] as const;

const exact: Readonly<Record<string, Answering>> = {
  '/pods': (ports) => json(podList(podsOf(ports))),
  '/runningpods': runningPods,
  '/healthz': (ports) => health(ports, healthChecks),
  ...Object.fromEntries(
    healthChecks.map((name): [string, Answering] => [`/healthz/${name}`, (ports) => health(ports, [name])]),
  ),
  '/configz': ({ configuration }) =>
    json({
      kubeletconfig: { kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1', ...configuration },
    }),
  '/metrics': ownMetrics,
  '/metrics/resource': async (ports) => {
    const { pods, looks } = await measured(ports);
    return metrics(resourceMetrics(pods, looks.now));
  },
  '/metrics/cadvisor': async (ports) => {
    const { pods } = await measured(ports);
    return metrics(cadvisorMetrics(pods, await ports.runtime.facts()));
  },
  '/metrics/probes': (ports) => metrics(probeMetrics(ports)),
  '/stats/summary': async (ports) => {
    const { pods, looks } = await measured(ports);
    const [{ memoryBytes }, disk] = await Promise.all([ports.runtime.facts(), ports.disk()]);
    const volumes = await volumesOf(
      ports,
      pods.map(({ pod }) => pod),
    );
    return json(statsSummary(pods, { node: ports.node, looks, memoryBytes, disk, volumes, now: ports.clock.now() }));
  },
};

export function kubeletPaths(ports: KubeletPorts): KubeletPaths {
  return async (target) => {
    const path = target.split('?')[0] ?? '';
    if (path === '/logs') return { status: 301, headers: { location: '/logs/' }, body: '' };
    if (path.startsWith('/logs/')) return logged(ports, path.slice('/logs/'.length));
    const plain = path.endsWith('/') ? path.slice(0, -1) : path;
    const answering = Object.hasOwn(exact, plain) ? exact[plain] : undefined;
    return answering === undefined ? missing : answering(ports);
  };
}

const missing: KubeletAnswer = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '404 page not found\n',
};

const answer = (body: string, type: string, status = 200): KubeletAnswer => ({
  status,
  headers: { 'content-type': type },
  body,
});
const json = (value: object): KubeletAnswer => answer(JSON.stringify(value), 'application/json');
const metrics = (families: readonly MetricFamily[], more = ''): KubeletAnswer =>
  answer(`${exposition(families)}${more}`, 'text/plain; version=0.0.4; charset=utf-8');

const podsOf = ({ view, node }: Pick<KubeletPorts, 'view' | 'node'>): readonly Pod[] =>
  view.list<Pod>(resources.pods).filter(({ spec }) => spec.nodeName === node);

const podList = (items: readonly object[]): object => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });

async function measured(
  ports: KubeletPorts,
): Promise<{ readonly pods: readonly MeasuredPod[]; readonly looks: Looks }> {
  const looks = await ports.meter.recent(lookAgeMs);
  return { pods: measuredPods(podsOf(ports), looks.now.containers), looks };
}

/** By pod uid. */
const volumesOf = async (
  { volumeStats }: KubeletPorts,
  pods: readonly Pod[],
): Promise<ReadonlyMap<string, readonly VolumeStats[]>> =>
  new Map(
    await Promise.all(pods.map(async (pod) => [pod.metadata.uid ?? '', (await volumeStats?.(pod)) ?? []] as const)),
  );

/** The pods of which the engine runs containers, whatever the API says. */
async function runningPods({ runtime, cluster, node }: KubeletPorts): Promise<KubeletAnswer> {
  const found = await runtime.summaries({
    [labels.cluster]: cluster,
    [labels.node]: node,
    [labels.role]: 'container',
  });
  const running = found.filter(({ state }) => state === 'running');
  const pods = [...Map.groupBy(running, (each) => each.labels[labels.podUid] ?? '')].map(([uid, containers]) => ({
    metadata: {
      name: containers[0]?.labels[labels.podName],
      namespace: containers[0]?.labels[labels.podNamespace],
      uid,
      creationTimestamp: null,
    },
    spec: {
      containers: containers.map((each) => ({
        name: each.labels[labels.container],
        image: each.imageId,
        resources: {},
      })),
    },
    status: {},
  }));
  return json(podList(pods));
}

function health({ notReadyReason }: KubeletPorts, checks: readonly string[]): KubeletAnswer {
  const reason = notReadyReason();
  if (reason === undefined || !checks.includes('syncloop')) return answer('ok', 'text/plain; charset=utf-8');
  const lines = checks.map((name) => (name === 'syncloop' ? `[-]syncloop failed: ${reason}` : `[+]${name} ok`));
  return answer(`${lines.join('\n')}\nhealthz check failed\n`, 'text/plain; charset=utf-8', 500);
}

async function ownMetrics(ports: KubeletPorts): Promise<KubeletAnswer> {
  const { runtime, cluster, node, renderMetrics } = ports;
  const own = { [labels.cluster]: cluster, [labels.node]: node };
  const found = await runtime.summaries({ ...own, [labels.role]: 'container' }).catch((error: unknown) => {
    throw new Error(`the container engine does not answer: ${errorMessage(error)}`, { cause: error });
  });
  const running = found.filter(({ state }) => state === 'running');
  const families: readonly MetricFamily[] = [
    {
      name: 'kubelet_node_name',
      type: 'gauge',
      help: "The node's name as a label; always 1.",
      series: [{ labels: { node }, value: 1 }],
    },
    {
      name: 'kubelet_running_pods',
      type: 'gauge',
      help: 'Pods of which containers run.',
      series: [{ value: new Set(running.map((each) => each.labels[labels.podUid])).size }],
    },
    {
      name: 'kubelet_running_containers',
      type: 'gauge',
      help: 'Containers by their state.',
      series: [...Map.groupBy(found, ({ state }) => state)].map(([state, containers]) => ({
        labels: { container_state: state },
        value: containers.length,
      })),
    },
  ];
  const pods = podsOf(ports);
  const volumes = [...(await volumesOf(ports, pods)).values()].flat();
  const counts = ports.volumeCounts?.(pods.filter((pod) => !isFinished(pod)));
  return metrics([...families, ...(counts ?? []), ...volumeMetrics(volumes)], renderMetrics?.());
}

function probeMetrics({ view, probes, node }: KubeletPorts): readonly MetricFamily[] {
  const pods = new Map(podsOf({ view, node }).map((pod) => [pod.metadata.uid, pod]));
  const series = probes.counts().flatMap(({ podUid, container, kind, passed, failed }) => {
    const pod = pods.get(podUid);
    if (pod === undefined) return [];
    const { name = '', namespace = '' } = pod.metadata;
    const of = {
      container,
      namespace,
      pod: name,
      pod_uid: podUid,
      probe_type: `${kind[0]?.toUpperCase()}${kind.slice(1)}`,
    };
    return [
      { labels: { ...of, result: 'successful' }, value: passed },
      { labels: { ...of, result: 'failed' }, value: failed },
    ].filter(({ value }) => value > 0);
  });
  return [{ name: 'prober_probe_total', type: 'counter', help: 'Outcomes of probes.', series }];
}

async function logged({ log }: KubeletPorts, path: string): Promise<KubeletAnswer> {
  const decoded = decodedPath(path);
  const found = decoded === undefined ? undefined : await log(decoded);
  if (found === undefined) return missing;
  if (found.type === 'file')
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: found.content };
  const links = found.names.map((name) => `<a href="${encodeURI(name)}">${escapedHtml(name)}</a>\n`);
  return answer(`<!doctype html>\n<pre>\n${links.join('')}</pre>\n`, 'text/html; charset=utf-8');
}

function decodedPath(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

const escapedHtml = (text: string): string => text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);

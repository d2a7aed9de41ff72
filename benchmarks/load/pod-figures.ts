/** Measures the starts of pods on a real engine. */
import { eventually, Cluster } from '../../test/integration/cluster.ts';
import { type Figure, quantile } from '../figures.ts';
import { Api, type WatchedObject } from './api.ts';
import { bareDocker } from './bare-docker.ts';
import { BarePods } from './bare-pods.ts';
import { engineTime, treeTime } from './processor-time.ts';

const podCount = 20;
const replicas = 30;
const image = 'troupe.local/hello:1';
/** Kubernetes 1.33 on a machine of this kind, measured beforehand; it is not run beside Troupe. */
const kubernetes = 'Kubernetes 1.33 (measured before)';
const against = (value: number, peerValue: number): Pick<Figure, 'peer' | 'peerValue' | 'ratio'> => ({
  peer: kubernetes,
  peerValue,
  ratio: peerValue / value,
});

const pods = '/api/v1/namespaces/default/pods';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

interface Condition {
  readonly type: string;
  readonly status: string;
}

function isReady({ status }: WatchedObject): boolean {
  return ((status?.['conditions'] ?? []) as readonly Condition[]).some(
    ({ type, status: verdict }) => type === 'Ready' && verdict === 'True',
  );
}

/** It ends when it is told to. */
export const podCommand = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'];
const podSpec = {
  terminationGracePeriodSeconds: 5,
  containers: [{ name: 'c', image, command: podCommand }],
};

/** What runs a cluster's pods, and what measures its floor. */
export interface Ground {
  readonly api: Api;
  /** The process that is member and node. */
  readonly memberPid: number;
  /** The engine's own calls; called once a pod runs. */
  bare(): Promise<BarePods>;
}

export const onDocker = (api: Api, cluster: Cluster): Ground => ({
  api,
  memberPid: cluster.status().members[0]?.pid ?? 0,
  bare: async () => new BarePods(await bareDocker(cluster.name, 'first')),
});

/** From POST of one pod until a watch shows it Ready, in ms. */
async function podStart(api: Api, name: string): Promise<number> {
  const watch = api.watch(`${pods}?fieldSelector=metadata.name%3D${name}`, isReady);
  await watch.open;
  const started = performance.now();
  await api.call('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: podSpec });
  await watch.done;
  return performance.now() - started;
}

/** A floor beside Troupe's own figure. */
const bareFigure = (engine: string, figure: Figure, own: number): Figure => ({
  ...figure,
  name: `  bare ${engine}: ${figure.name}`,
  peer: 'Troupe',
  peerValue: own,
  ratio: own / figure.value,
});

/** Single pods, one after the other, and bare ones between them; Troupe's stay. */
export async function singlePods({ api, memberPid, bare: bareOf }: Ground): Promise<Figure[]> {
  const [own, bare] = [
    { ms: [] as number[], engine: 0 },
    { ms: [] as number[], engine: 0 },
  ];
  const timed = async (into: typeof own, job: () => Promise<number>): Promise<void> => {
    const before = engineTime();
    into.ms.push(await job());
    into.engine += engineTime() - before;
  };
  await podStart(api, 'first');
  const floorPods = await bareOf();
  let troupe = 0;
  try {
    for (let i = 0; i < podCount; i++) {
      const before = treeTime(memberPid);
      await timed(own, () => podStart(api, `single-${i}`));
      troupe += treeTime(memberPid) - before;
      await timed(bare, () => floorPods.start());
    }
  } finally {
    await floorPods.close();
  }
  const { engine } = floorPods;
  const [median, floor] = [quantile(own.ms, 0.5), quantile(bare.ms, 0.5)];
  return [
    {
      name: `single pod, create to Ready, p50 of ${podCount}`,
      value: median,
      unit: 'ms',
      goal: '<= 150 ms',
      ...against(median, 1000),
    },
    bareFigure(engine, { name: 'its two containers, until both run, p50', value: floor, unit: 'ms' }, median),
    { name: `single pod, create to Ready, p95 of ${podCount}`, value: quantile(own.ms, 0.95), unit: 'ms' },
    { name: 'processor time of the container engine, per pod', value: own.engine / podCount, unit: 'ms' },
    bareFigure(
      engine,
      { name: 'processor time of the engine, per pair', value: bare.engine / podCount, unit: 'ms' },
      own.engine / podCount,
    ),
    { name: 'processor time of Troupe, per pod', value: troupe / podCount, unit: 'ms' },
  ];
}

function deployment(name: string, count: number, more: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: count,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { ...podSpec, ...more } },
    },
  };
}

function isRolledOut({ metadata, status = {} }: WatchedObject, count: number): boolean {
  return (
    Number(status['observedGeneration'] ?? 0) >= (metadata.generation ?? 0) &&
    ['replicas', 'updatedReplicas', 'readyReplicas'].every((field) => status[field] === count)
  );
}

async function bareDeployment(pods: BarePods): ReturnType<BarePods['deployment']> {
  try {
    return await pods.deployment(replicas);
  } finally {
    await pods.close();
  }
}

/** Of 30 replicas on one node: from nothing until all are Ready, and the rolling update of all. */
export async function deploymentFigures({ api, bare: bareOf }: Ground): Promise<Figure[]> {
  const rolled = (): ReturnType<Api['watch']> =>
    api.watch(`${deployments}?fieldSelector=metadata.name%3Dmany`, (object) => isRolledOut(object, replicas));
  const first = rolled();
  await first.open;
  const started = performance.now();
  await api.call('POST', deployments, deployment('many', replicas));
  await first.done;
  const up = (performance.now() - started) / 1000;
  const patched = performance.now();
  const { metadata } = JSON.parse(
    await api.call('PATCH', `${deployments}/many`, {
      spec: { template: { metadata: { annotations: { version: '2' } } } },
    }),
  ) as WatchedObject;
  const second = api.watch(
    `${deployments}?fieldSelector=metadata.name%3Dmany`,
    (object) => (object.metadata.generation ?? 0) >= (metadata.generation ?? 0) && isRolledOut(object, replicas),
  );
  await second.done;
  const update = (performance.now() - patched) / 1000;
  const floorPods = await bareOf();
  const { engine } = floorPods;
  const bare = await bareDeployment(floorPods);
  return [
    {
      name: `Deployment 0 to ${replicas} on one node, until all are Ready`,
      value: up,
      unit: 's',
      goal: '<= 2.5 s',
      ...against(up, 5.9),
    },
    bareFigure(engine, { name: `${replicas} pairs of containers, until all run`, value: bare.up, unit: 's' }, up),
    { name: `rolling update of the ${replicas}`, value: update, unit: 's', goal: '<= 5 s', ...against(update, 11.1) },
    bareFigure(
      engine,
      {
        name: `${replicas} new pairs, until all run; the old ones are stopped and removed meanwhile`,
        value: bare.update,
        unit: 's',
      },
      update,
    ),
  ];
}

const spread = 4;
/**
 * Borne with for so long at most once the node is Unknown; the goal holds with a cluster's own toleration, not with
 * upstream's 300 s.
 */
const tolerations = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 1,
}));

/**
 * A node's process is frozen for good: from then until the pods that it had are Ready elsewhere. A cluster of its own.
 */
export async function nodeDeath(): Promise<Figure[]> {
  const cluster = await Cluster.create('bench-death', ['--nodes', '2']);
  const api = new Api(cluster);
  let victim = 0;
  try {
    await eventually(
      'both nodes',
      () => cluster.status().nodes.length === 2 && cluster.status().nodes.every(({ ready }) => ready),
    );
    await api.call('POST', deployments, deployment('moving', spread, { tolerations }));
    await eventually(
      'the pods',
      () => cluster.must('get', 'deployment', 'moving', '-o', 'jsonpath={.status.readyReplicas}') === String(spread),
    );
    const node = cluster.status().nodes[0];
    victim = node?.pid ?? 0;
    const living = new Set<string>();
    const watch = api.watch(`${pods}?labelSelector=app%3Dmoving`, (object, type) => {
      if (type !== 'DELETED' && isReady(object) && object.spec['nodeName'] !== node?.name)
        living.add(object.metadata.name);
      else living.delete(object.metadata.name);
      return living.size >= spread;
    });
    await watch.open;
    const frozen = performance.now();
    process.kill(victim, 'SIGSTOP');
    await watch.done;
    const seconds = (performance.now() - frozen) / 1000;
    return [
      {
        name: 'node dies, until its pods are Ready elsewhere (toleration 1 s)',
        value: seconds,
        unit: 's',
        goal: '<= 10 s',
        ...against(seconds, 351),
      },
    ];
  } finally {
    if (victim > 0) process.kill(victim, 'SIGCONT');
    api.close();
    cluster.destroy();
  }
}

/**
 * Starts of pods on Docker and on containerd, each beside bare calls of the same engine: single pods, a Deployment of
 * 30 and its rolling update.
 *   node benchmarks/nodes.ts [docker | containerd] [--json FILE]
 */
import { loadavg } from 'node:os';
import { ensureBusyboxImage } from '../scripts/example-image.ts';
import { ContainerdEngine, missingForContainerd } from '../src/node-agent/runtime/containerd.fixture.ts';
import { Cluster, eventually } from '../test/integration/cluster.ts';
import { type Figure, report } from './figures.ts';
import { Api } from './load/api.ts';
import { bareCri } from './load/bare-cri.ts';
import { BarePods } from './load/bare-pods.ts';
import { deploymentFigures, type Ground, onDocker, podCommand, singlePods } from './load/pod-figures.ts';

const image = 'troupe.local/hello:1';

async function figuresOf(cluster: Cluster, groundOf: (api: Api) => Ground): Promise<Figure[]> {
  const api = new Api(cluster);
  try {
    await eventually('the node', () => cluster.status().nodes[0]?.ready === true);
    const ground = groundOf(api);
    return [...(await singlePods(ground)), ...(await deploymentFigures(ground))];
  } finally {
    api.close();
    cluster.destroy();
  }
}

async function docker(): Promise<Figure[]> {
  ensureBusyboxImage(image);
  const cluster = await Cluster.create('bench-docker');
  return figuresOf(cluster, (api) => onDocker(api, cluster));
}

async function containerd(): Promise<Figure[]> {
  const engine = new ContainerdEngine();
  try {
    await engine.start();
    await engine.importBusybox(image);
    const settings = ['node:', `  containerdSocket: ${engine.socket}`];
    const cluster = await Cluster.create('bench-containerd', ['--runtime', 'containerd'], settings);
    const { socket: socketPath, logFolder } = engine;
    return await figuresOf(cluster, (api) => ({
      ...onDocker(api, cluster),
      bare: () => Promise.resolve(new BarePods(bareCri({ socketPath, logFolder, image, command: podCommand }))),
    }));
  } finally {
    await engine.stop();
  }
}

const wanted = process.argv.slice(2).filter((word) => word === 'docker' || word === 'containerd');
const load = (): string => `load average ${(loadavg()[0] ?? 0).toFixed(1)} before it`;
const named = (engine: string, figures: readonly Figure[]): Figure[] =>
  figures.map((figure) => ({ ...figure, name: `${engine}: ${figure.name.trim()}` }));
const all: Figure[] = [];
const loadBefore = load();
if (wanted.length === 0 || wanted.includes('docker')) all.push(...named('Docker', await docker()));
const problem = missingForContainerd();
if (problem !== undefined) console.log(`containerd is left out: ${problem}`);
else if (wanted.length === 0 || wanted.includes('containerd')) all.push(...named('containerd', await containerd()));
report(`Pods of one node (${loadBefore})`, all);

/** A node whose agent and CSI driver are processes to be killed; API and containers stay, in this process. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { VolumeStore, type StoredVolume } from '../../../examples/csi-hostpath/volume-store.ts';
import { type Pod, resources } from '../../../src/api/index.ts';
import { memoryApi } from '../../../src/node-agent/api.fixture.ts';
import { type ContainerSpec, simulatedRuntime } from '../../../src/node-agent/runtime/index.ts';
import { systemClock, systemTimers } from '../../../src/platform/index.ts';
import { CsiRig, driverName } from '../csi-driver.ts';
import { failureOf, type FromAgent, type ToAgent } from './messages.ts';
import { cleanMounts, doubleMounts, leftovers, loopsBelow, mountPoints } from './mount-watch.ts';

/** How a volume is used: a folder, an image with a file system, or an image as a device. */
export type VolumeKind = 'folder' | 'image' | 'block';

const namespace = 'crashes';
const mebibyte = 1024 * 1024;
/** Images are as small as file systems of ext4 can be. */
const imageBytes = 8 * mebibyte;
const marker = 'volume-id';

/** Where a pod has its volumes: claims by name, and how many of its own. */
interface PodVolumes {
  readonly claims: readonly string[];
  readonly inline: number;
}

export class CrashWorld {
  readonly api = memoryApi();
  readonly rig: CsiRig;
  readonly root: string;
  /** What was wrong at any time. */
  readonly problems = new Set<string>();
  readonly store: VolumeStore;
  readonly #folder: string;
  readonly #speed: number;
  readonly #engine: ReturnType<typeof simulatedRuntime>;
  readonly #specs = new Map<string, ContainerSpec>();
  readonly #running = new Set<string>();
  #agent: ChildProcess | undefined;

  /** `speed`: how many times faster than real the agent's time goes. */
  constructor(folder: string, speed: number) {
    this.#folder = folder;
    this.#speed = speed;
    this.root = join(folder, 'kubelet');
    mkdirSync(this.root);
    this.rig = new CsiRig(join(folder, 'rig'));
    this.store = new VolumeStore(this.rig.data);
    this.#engine = simulatedRuntime({
      clock: systemClock,
      timers: systemTimers,
      images: ['app:1'],
      registry: 'none',
      program: ({ environment }) => (environment.includes('ENDS=yes') ? { runsMs: 50, exitCode: 0 } : undefined),
    });
    this.api.put(resources.csiDrivers, {
      metadata: { name: driverName },
      spec: { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Persistent', 'Ephemeral'] },
    });
    this.#listen();
  }

  startDriver(): void {
    this.rig.startDriver({ node: 'node', root: this.root, attach: false });
  }

  startAgent(): void {
    const output = openSync(join(this.#folder, 'agent.log'), 'a');
    const args = [this.root, join(this.#folder, 'state'), String(this.#speed)];
    const agent = fork(agentProgram(), args, {
      serialization: 'advanced',
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: [],
    });
    closeSync(output);
    this.#agent = agent;
    agent.on('message', (message: FromAgent) => void this.#answer(agent, message));
    for (const resource of [resources.pods, resources.nodes, resources.csiDrivers])
      for (const object of this.api.view.list(resource))
        this.#tell({ type: 'change', change: { type: 'put', resource, object } });
    this.#tell({ type: 'synced' });
  }

  async killAgent(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (agent === undefined || agent.exitCode !== null || agent.signalCode !== null) return;
    const ended = new Promise((done) => agent.once('exit', done));
    agent.kill('SIGKILL');
    await ended;
  }

  /** Whether the agent ended by itself, which it must not. */
  get agentFailed(): boolean {
    return this.#agent?.exitCode !== null && this.#agent?.exitCode !== undefined;
  }

  addVolume(name: string, kind: VolumeKind): void {
    const backing = kind === 'folder' ? 'folder' : 'image';
    const volume: StoredVolume = { id: name, name, bytes: imageBytes, backing, single: true, attachedTo: [] };
    this.store.put(volume);
    if (backing === 'folder') writeFileSync(join(this.store.contentOf(volume), marker), name);
    const capacity = { storage: String(imageBytes) };
    const volumeMode = kind === 'block' ? 'Block' : 'Filesystem';
    this.api.put(resources.persistentVolumes, {
      metadata: { name },
      spec: {
        capacity,
        accessModes: ['ReadWriteOnce'],
        volumeMode,
        claimRef: { namespace, name, uid: name },
        csi: { driver: driverName, volumeHandle: name },
      },
    });
    this.api.put(resources.persistentVolumeClaims, {
      metadata: { name, namespace, uid: name },
      spec: { volumeName: name, volumeMode, accessModes: ['ReadWriteOnce'] },
      status: { phase: 'Bound', capacity },
    });
  }

  /** The volume has another size, as the controller's part of a growth leaves it. */
  growVolume(name: string, bytes: number): void {
    const volume = this.store.get(name);
    if (volume === undefined) throw new Error(`there is no volume ${name}`);
    this.store.put({ ...volume, bytes });
    const found = this.api.get<{ spec: object }>(resources.persistentVolumes, undefined, name);
    this.api.put(resources.persistentVolumes, {
      ...found,
      spec: { ...found?.spec, capacity: { storage: String(bytes) } },
    });
  }

  addPod(name: string, { claims, inline }: PodVolumes, options: { readonly ends?: boolean } = {}): void {
    const isBlock = (claim: string): boolean => claim.startsWith('block');
    const own = Array.from({ length: inline }, (_, i) => `own-${i}`);
    const mounted = [...claims.filter((claim) => !isBlock(claim)), ...own];
    this.api.put(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, uid: `uid-${name}` },
      spec: {
        nodeName: 'node',
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        serviceAccountName: 'default',
        containers: [
          {
            name: 'app',
            image: 'app:1',
            resources: {},
            env: options.ends === true ? [{ name: 'ENDS', value: 'yes' }] : [],
            volumeMounts: mounted.map((volume) => ({ name: volume, mountPath: `/${volume}` })),
            volumeDevices: claims.filter(isBlock).map((claim) => ({ name: claim, devicePath: `/dev/${claim}` })),
          },
        ],
        volumes: [
          ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } })),
          ...own.map((volume) => ({ name: volume, csi: { driver: driverName, volumeAttributes: { of: name } } })),
        ],
      },
    });
  }

  deletePod(name: string): void {
    const pod = this.pod(name);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 1 };
    this.api.put(resources.pods, { ...pod, metadata });
  }

  pod(name: string): Pod | undefined {
    return this.api.get<Pod>(resources.pods, namespace, name);
  }

  /** Looks once at everything that must hold at all times. */
  look(): void {
    for (const path of doubleMounts(this.root)) this.problems.add(`mounted twice: ${path}`);
    for (const id of this.#running) this.#checkSources(id, 'of a running container');
  }

  /** What a run leaves that it must not leave; nothing, if all went well. */
  left(): readonly string[] {
    return [
      ...mountPoints()
        .filter((path) => path.startsWith(`${this.#folder}/`) && path !== this.root)
        .map((path) => `mounted: ${path}`),
      ...loopsBelow(this.rig.data).map((line) => `loop device: ${line}`),
      ...leftovers(this.root).map((path) => `in the node's folders: ${path}`),
    ];
  }

  /** Volumes whose content is not what it was. */
  lostContents(): readonly string[] {
    return this.store
      .list()
      .filter(({ backing }) => backing === 'folder')
      .filter((volume) => !existsSync(join(this.store.contentOf(volume), marker)))
      .map(({ id }) => `content lost: ${id}`);
  }

  /** What agent and driver said last. */
  said(): string {
    return `${readFileSync(join(this.#folder, 'agent.log'), 'utf8').slice(-3_000)}\n${this.rig.said()}`;
  }

  async stop(): Promise<void> {
    await this.killAgent();
    await this.rig.kill('driver node');
    cleanMounts(this.root, this.rig.data);
    await this.rig.stop();
    this.#engine.close();
  }

  #tell(message: ToAgent): void {
    // A message to a process that was just killed is lost, as it would be on a wire.
    if (this.#agent?.connected === true) this.#agent.send(message, () => undefined);
  }

  #listen(): void {
    const seen = new Set(['pods', 'nodes', 'csidrivers']);
    this.api.view.onChange(({ type, resource, object }) => {
      if (seen.has(resource.resource)) this.#tell({ type: 'change', change: { type, resource, object } });
    });
    this.#engine.events({}, (event) => {
      if (event.type === 'exited' || event.type === 'removed') this.#running.delete(event.id);
      if (event.type !== 'connected') this.#tell({ type: 'event', event });
    });
  }

  async #answer(agent: ChildProcess, { id, port, method, args }: FromAgent): Promise<void> {
    const answer = await this.#call(port, method, args).then(
      (value): ToAgent => ({ type: 'answer', id, value }),
      (error: unknown): ToAgent => ({ type: 'answer', id, failure: failureOf(error) }),
    );
    if (agent.connected) agent.send(answer, () => undefined);
  }

  async #call(port: FromAgent['port'], method: string, args: readonly unknown[]): Promise<unknown> {
    const target = (port === 'client' ? this.api.client : this.#engine) as object as Readonly<
      Record<string, (...args: readonly unknown[]) => Promise<unknown>>
    >;
    const [first] = args;
    if (port === 'engine' && method === 'start') this.#checkSources(String(first), 'at the start of its container');
    const value = await target[method]?.(...args);
    if (port === 'engine' && method === 'create') this.#specs.set(String(value), first as ContainerSpec);
    if (port === 'engine' && method === 'start') this.#running.add(String(first));
    return value;
  }

  /** Each of a container's volumes is mounted, and is the one that it should be. */
  #checkSources(id: string, when: string): void {
    const { mounts = [], devices = [] } = this.#specs.get(id) ?? {};
    const mounted = new Set(mountPoints());
    for (const { source } of [...mounts, ...devices]) {
      if (!source.startsWith(`${this.root}/`)) continue;
      if (mounted.has(source)) this.#checkContent(source);
      else this.problems.add(`not mounted ${when}: ${source}`);
    }
  }

  #checkContent(source: string): void {
    const [, name = ''] = /kubernetes\.io~csi\/([^/]+)\/mount$/.exec(source) ?? [];
    if (source.includes('/volumeDevices/')) {
      if (!statSync(source).isBlockDevice()) this.problems.add(`no device: ${source}`);
    } else if (name.startsWith('folder') && readFileSync(join(source, marker), 'utf8') !== name)
      this.problems.add(`another volume is mounted: ${source}`);
  }
}

/** What packages of the older kind of modules take as given. */
const banner = [
  "import {createRequire as requireOf} from 'node:module';",
  'const require = requireOf(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join(' ');

let program: string | undefined;

/** The agent in one file, so that its processes start fast; made once, it goes with this process. */
function agentProgram(): string {
  if (program !== undefined) return program;
  const folder = mkdtempSync(join(tmpdir(), 'troupe-agent-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  program = join(folder, 'agent.mjs');
  bundleAgent(program);
  return program;
}

function bundleAgent(outfile: string): void {
  const made = spawnSync(
    'esbuild',
    [
      resolve(import.meta.dirname, 'agent-process.ts'),
      '--bundle',
      '--external:cpu-features',
      '--external:*.node',
      '--platform=node',
      '--format=esm',
      '--log-level=error',
      `--banner:js=${banner}`,
      `--outfile=${outfile}`,
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`the agent cannot be bundled: ${made.stderr}`);
}

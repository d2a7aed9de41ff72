/** The example CSI driver and its side-cars' part as processes beside a cluster. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Cluster, eventually, run } from './cluster.ts';

const examples = resolve(import.meta.dirname, '..', '..', 'examples', 'csi-hostpath');
export const driverName = 'hostpath.troupe.dev';

/** Why volumes of the example driver cannot be mounted here; undefined: they can. */
export function csiProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'root rights are missing';
  for (const tool of ['losetup', 'mkfs.ext4', 'resize2fs'])
    if (run('sh', ['-c', `command -v ${tool}`]).status !== 0) return `${tool} is not installed`;
  return existsSync('/dev/loop-control') ? undefined : 'there are no loop devices';
}

interface DriverOptions {
  readonly node: string;
  /** The node's kubelet folder. */
  readonly root: string;
  readonly zone?: string;
  readonly limit?: number;
  /** Whether volumes must be attached first; default true. */
  readonly attach?: boolean;
}

/** Bundles the example, so that its processes start fast; everything it makes is in `folder`. */
export class CsiRig {
  readonly data: string;
  readonly #folder: string;
  readonly #processes = new Map<string, ChildProcess>();

  constructor(folder: string) {
    this.#folder = folder;
    this.data = join(folder, 'data');
    mkdirSync(this.data, { recursive: true });
    this.#bundle('driver');
  }

  #bundle(part: 'driver' | 'sidecars'): void {
    const made = spawnSync(
      'esbuild',
      [
        join(examples, `${part}.ts`),
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--log-level=error',
        `--banner:js=import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);`,
        `--outfile=${join(this.#folder, `${part}.mjs`)}`,
      ],
      { encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`the example driver cannot be bundled: ${made.stderr}`);
  }

  driverArguments({ node, root, zone, limit, attach = true }: DriverOptions): readonly string[] {
    return [
      join(this.#folder, 'driver.mjs'),
      '--root',
      root,
      '--data',
      this.data,
      '--node',
      node,
      ...(zone === undefined ? [] : ['--zone', zone]),
      ...(limit === undefined ? [] : ['--limit', String(limit)]),
      ...(attach ? [] : ['--no-attach']),
    ];
  }

  startDriver(options: DriverOptions): void {
    this.#start(`driver ${options.node}`, this.driverArguments(options), {});
  }

  startSidecars(cluster: Cluster, root: string): void {
    this.#bundle('sidecars');
    const ca = join(this.#folder, 'ca.crt');
    writeFileSync(ca, cluster.ca);
    const socket = join(root, 'plugins', driverName, 'csi.sock');
    const args = [join(this.#folder, 'sidecars.mjs'), '--server', cluster.url, '--ca', ca, '--socket', socket];
    this.#start('sidecars', args, { TOKEN: cluster.token });
  }

  #start(name: string, args: readonly string[], env: Readonly<Record<string, string>>): void {
    const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
    const output = openSync(join(this.#folder, `${name.replace(' ', '-')}.log`), 'a');
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', output, output],
      env: { ...process.env, PATH: path, ...env },
    });
    closeSync(output);
    this.#processes.set(name, child);
  }

  /** What the processes said. */
  said(): string {
    const files = readdirSync(this.#folder).filter((file) => file.endsWith('.log'));
    return files.map((file) => `${file}:\n${readFileSync(join(this.#folder, file), 'utf8').slice(-2_000)}`).join('\n');
  }

  /** Resolves when the process has ended. */
  async kill(name: string): Promise<void> {
    const child = this.#processes.get(name);
    this.#processes.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  hasEnded(name: string): boolean {
    const child = this.#processes.get(name);
    return child === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  /** What strikes the driver's next calls; see the example's faults.ts. */
  faults(faults: object): void {
    writeFileSync(join(this.data, 'faults.json'), JSON.stringify(faults));
  }

  /** What the driver holds. */
  volumes(): readonly {
    readonly id: string;
    readonly name: string;
    readonly bytes: number;
    readonly attachedTo: readonly string[];
  }[] {
    const folder = join(this.data, 'volumes');
    return (existsSync(folder) ? readdirSync(folder) : []).flatMap((id) => {
      const file = join(folder, id, 'volume.json');
      return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8'))] : [];
    });
  }

  async stop(): Promise<void> {
    for (const name of [...this.#processes.keys()]) await this.kill(name);
    for (const line of run('losetup', ['-n', '-O', 'NAME,BACK-FILE', '-a']).stdout.split('\n')) {
      const [device = '', file = ''] = line.trim().split(/\s+/);
      if (file.startsWith(this.data)) run('losetup', ['-d', device]);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Paths below `folder` where something is mounted, once for each mount. */
export function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
}

/** The kubelet folder of each node. */
export async function kubeletRoots(
  cluster: Cluster,
  { wanted, count }: { readonly wanted: string; readonly count: number },
): Promise<ReadonlyMap<string, string>> {
  return eventually(
    'the nodes to have their folders',
    () => {
      const roots = new Map<string, string>();
      const { nodes } = cluster.status();
      if (nodes.length < count) return undefined;
      for (const { name } of nodes) {
        const own = join(cluster.home, 'run', 'nodes', name, 'kubelet');
        const file = join(wanted, 'troupe-node.json');
        const owner = existsSync(file)
          ? (JSON.parse(readFileSync(file, 'utf8')) as { readonly node: string }).node
          : '';
        if (owner === name) roots.set(name, wanted);
        else if (existsSync(join(own, 'plugins_registry'))) roots.set(name, own);
        else return undefined;
      }
      return roots;
    },
    180_000,
  );
}

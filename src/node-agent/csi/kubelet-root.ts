/** The folder that drivers know as the kubelet's: whose it is on this machine, and that mounts in it reach everyone. */
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, type Logger } from '../../base/index.ts';
import type { RunCommand } from '../network/index.ts';
import { readMounts } from './mount-table.ts';

/** Which node of which home uses a folder. */
interface Owner {
  readonly cluster: string;
  readonly node: string;
  readonly stateFolder: string;
}

interface RootOptions extends Owner {
  /** The place wanted; the drivers' own manifests say /var/lib/kubelet. */
  readonly wanted: string;
  readonly run: RunCommand;
  readonly log: Logger;
}

const ownerFile = 'troupe-node.json';
/** Files that a kubelet keeps in its folder. */
const kubeletFiles = ['cpu_manager_state', 'kubeadm-flags.env', 'config.yaml'];

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Takes the wanted folder for this node, or one below the node's own when another node or a kubelet uses it, and makes
 * what drivers mount of it. Answers its path.
 */
export async function openKubeletRoot(options: RootOptions): Promise<string> {
  const own = join(options.stateFolder, 'kubelet');
  // Others see by it that this node is there.
  await mkdir(options.stateFolder, { recursive: true });
  const reason = await refusalOf(options.wanted, options).catch(errorMessage);
  const root = reason === undefined ? options.wanted : own;
  if (reason !== undefined) {
    options.log.warn('another folder than the wanted one holds CSI volumes and plug-in sockets; see node.kubeletRoot', {
      wanted: options.wanted,
      used: own,
      reason,
    });
    await mkdir(own, { recursive: true });
  }
  for (const folder of ['plugins', 'plugins_registry', 'pods']) await mkdir(join(root, folder), { recursive: true });
  await share(root, options.run);
  return root;
}

/** Why the folder is not this node's; undefined: it is, from now on. */
async function refusalOf(folder: string, options: RootOptions): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const { cluster, node, stateFolder } = options;
  const mine: Owner = { cluster, node, stateFolder };
  const file = join(folder, ownerFile);
  const owner = await readOwner(file);
  if (owner === undefined) {
    for (const name of kubeletFiles) if (await exists(join(folder, name))) return 'a kubelet of this machine uses it';
    await writeFile(file, JSON.stringify(mine), { flag: 'wx' });
    return undefined;
  }
  if (owner.node === node && owner.stateFolder === stateFolder) return undefined;
  if (await exists(owner.stateFolder)) return `node ${owner.node} of the cluster ${owner.cluster} uses it (${file})`;
  // Its home is gone: what it left is looked after as if it were this node's.
  await writeFile(file, JSON.stringify(mine));
  return undefined;
}

async function readOwner(file: string): Promise<Owner | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Owner);
}

/** Mounts that a driver makes in its container show here, and those made here show in containers. */
async function share(root: string, run: RunCommand): Promise<void> {
  const holder = (await readMounts())
    .filter(({ path }) => path === root || path === '/' || root.startsWith(`${path}/`))
    .reduce<{ readonly path: string; readonly shared: boolean } | undefined>(
      (longest, mount) => (longest === undefined || mount.path.length >= longest.path.length ? mount : longest),
      undefined,
    );
  if (holder?.shared === true) return;
  if (holder?.path !== root) await run('mount', ['--bind', root, root]);
  await run('mount', ['--make-rshared', root]);
}

/** Unmounts what is left below the node's folder, and gives it up. Data of volumes is never removed. */
export async function purgeKubeletRoot(options: Pick<RootOptions, 'wanted' | 'stateFolder' | 'run'>): Promise<void> {
  for (const root of [options.wanted, join(options.stateFolder, 'kubelet')]) {
    const owner = await readOwner(join(root, ownerFile)).catch(() => undefined);
    const mine = owner === undefined ? root !== options.wanted : owner.stateFolder === options.stateFolder;
    if (!mine || !(await exists(root))) continue;
    const mounts = (await readMounts()).filter(({ path }) => path === root || path.startsWith(`${root}/`));
    for (const { path } of mounts.toReversed()) await options.run('umount', ['-l', path]);
    const devices = [
      'device-plugins/kubelet.sock',
      'device-plugins/troupe-devices.json',
      'pod-resources/kubelet.sock',
      'troupe-cpus.json',
    ];
    for (const name of ['pods', 'csi-volumes', 'plugins/kubernetes.io', 'plugins/troupe-claims.json', ...devices])
      await options.run('rm', ['-rf', '--one-file-system', join(root, name)]);
    await rm(join(root, ownerFile), { force: true });
  }
}

/** What the machine's mount table says of volumes, and what it must never say. */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../cluster.ts';

/** Every mount point of this machine, sorted; one that is mounted twice stands there twice. */
export const mountPoints = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path !== '')
    .sort();

/** Mount points below a folder that stand in the table more than once. */
export const doubleMounts = (folder: string): readonly string[] =>
  mountPoints().filter((path, i, all) => path.startsWith(`${folder}/`) && all[i - 1] === path);

/** Loop devices whose image is below a folder. */
export const loopsBelow = (folder: string): readonly string[] =>
  run('losetup', ['-n', '-O', 'NAME,BACK-FILE', '-a'])
    .stdout.split('\n')
    .filter((line) => line.includes(`${folder}/`));

/** Unmounts and detaches what a run that failed left. */
export function cleanMounts(root: string, data: string): void {
  for (const path of mountPoints().toReversed())
    if (path === root || path.startsWith(`${root}/`)) run('umount', ['-l', path]);
  for (const line of loopsBelow(data)) run('losetup', ['-d', line.trim().split(/\s+/)[0] ?? '']);
}

/** Folders that stay for the next volume. */
const kept = /\/(volumeDevices(\/(staging|publish))?|csi\/[^/]+)$/;

/** What is left of volumes in the node's folders: records, places, anything. */
export function leftovers(root: string): readonly string[] {
  const folders = ['csi-volumes', 'plugins/kubernetes.io/csi', 'pods'].map((name) => join(root, name));
  return folders.filter((folder) => existsSync(folder)).flatMap(thingsIn);
}

/** Files, and folders that have nothing in them. */
function thingsIn(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!lstatSync(path).isDirectory()) return [path];
    const inside = thingsIn(path);
    return inside.length === 0 && !kept.test(path) ? [path] : inside;
  });
}

/** Mounts and loop devices of the machine. */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout.trim();
}

export function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path);
}

export function bind(source: string, target: string, readOnly: boolean): void {
  if (isMounted(target)) return;
  run('mount', '--bind', source, target);
  if (readOnly) run('mount', '-o', 'remount,bind,ro', target);
}

export function bindFolder(source: string, target: string, readOnly: boolean): void {
  mkdirSync(target, { recursive: true });
  bind(source, target, readOnly);
}

export function bindDevice(device: string, target: string): void {
  if (isMounted(target)) return;
  writeFileSync(target, '');
  bind(device, target, false);
}

export function mountMemory(target: string): void {
  mkdirSync(target, { recursive: true });
  if (!isMounted(target)) run('mount', '-t', 'tmpfs', '-o', 'size=1m,mode=0777', 'tmpfs', target);
}

export function unmount(path: string): void {
  while (isMounted(path)) run('umount', path);
}

/** Removes an empty folder, or the file that stood for a device. */
export function removePlace(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) rmdirSync(path);
  else rmSync(path, { force: true });
}

const loopOf = (image: string): string | undefined =>
  run('losetup', '-n', '-O', 'NAME', '-j', image).split('\n')[0] || undefined;

/** The loop device of an image, attached when it has none. */
export function attachLoop(image: string): string {
  return loopOf(image) ?? run('losetup', '--find', '--show', image);
}

export function detachLoop(image: string): void {
  const device = loopOf(image);
  if (device !== undefined) run('losetup', '-d', device);
}

/** Mounts an image's file system, made when there is none. */
export function mountImage(image: string, target: string, fsType: string): void {
  if (isMounted(target)) return;
  const device = attachLoop(image);
  if (spawnSync('blkid', [device]).status !== 0) run(`mkfs.${fsType}`, '-q', device);
  else if (fsType.startsWith('ext')) growUnmounted(device);
  run('mount', '-t', fsType, device, target);
}

/** Grows the file system of an image that grew while nobody had it: unmounted, it takes no right of the kernel. */
function growUnmounted(device: string): void {
  run('losetup', '-c', device);
  if (spawnSync('resize2fs', [device]).status === 0) return;
  // A file system that was mounted since its last check is checked first.
  spawnSync('e2fsck', ['-f', '-p', device]);
  run('resize2fs', device);
}

/** The file system of an image takes up all of the image. */
export function growImage(image: string, hasFileSystem: boolean): void {
  const device = attachLoop(image);
  run('losetup', '-c', device);
  if (hasFileSystem) run('resize2fs', device);
}

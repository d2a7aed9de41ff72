/** The image of the lane's pods: busybox, and the libraries that Node is linked to. The program itself is mounted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const image = 'troupe.local/traffic:1';
export const nodeProgram = process.execPath;

/** Imports the image into each of the engines, given by their sockets. */
export function importImage(sockets: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-traffic-'));
  try {
    for (const part of ['bin', 'tmp', 'node', 'lane']) mkdirSync(join(folder, part));
    copyFileSync('/usr/bin/busybox', join(folder, 'bin', 'busybox'));
    for (const applet of ['sh', 'sleep', 'cat']) symlinkSync('busybox', join(folder, 'bin', applet));
    for (const [library] of execFileSync('ldd', [nodeProgram], { encoding: 'utf8' }).matchAll(/\/\S+/g)) {
      mkdirSync(join(folder, dirname(library)), { recursive: true });
      copyFileSync(library, join(folder, library));
    }
    const tar = execFileSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 });
    for (const socket of sockets) {
      const args = ['-H', `unix://${socket}`, 'import', '--change', 'ENV PATH=/bin', '-', image];
      const { status, stderr } = spawnSync('docker', args, { input: tar, encoding: 'utf8' });
      if (status !== 0) throw new Error(`docker import: ${stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

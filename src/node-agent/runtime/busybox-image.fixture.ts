import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageArchive } from './image-archive.ts';

const busybox = '/usr/bin/busybox';
export const testImage = 'troupe-test/busybox:1';

/** Why real containers cannot be tried here; undefined when they can. */
export function missingForDocker(): string | undefined {
  if (!existsSync('/var/run/docker.sock')) return 'no Docker engine at /var/run/docker.sock';
  return existsSync(busybox) ? undefined : 'no static busybox at /usr/bin/busybox';
}

/** An image of nothing but the machine's static busybox, imported once; tests need no registry. */
export function makeTestImage(reference = testImage): void {
  try {
    execFileSync('docker', ['image', 'inspect', reference], { stdio: 'ignore' });
    return;
  } catch {
    // it is made below
  }
  const root = mkdtempSync(join(tmpdir(), 'troupe-image-'));
  try {
    for (const folder of ['bin', 'tmp', 'etc', 'root']) mkdirSync(join(root, folder));
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const applet of execFileSync(busybox, ['--list']).toString().trim().split('\n'))
      if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
    execFileSync(
      'sh',
      ['-c', `tar -C "${root}" -c . | docker import -c 'ENV PATH=/bin' -c 'CMD ["sh"]' - ${reference}`],
      { stdio: 'ignore' },
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The same as an archive, for engines that import one. */
export function busyboxArchive(reference: string): Promise<Buffer> {
  const applets = execFileSync(busybox, ['--list']).toString().trim().split('\n');
  return imageArchive({
    reference,
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    files: [
      ...['bin', 'tmp', 'etc', 'root', 'www'].map((name) => ({
        header: { name, type: 'directory' as const, mode: name === 'tmp' ? 0o1777 : 0o755 },
      })),
      { header: { name: 'etc/passwd' }, data: Buffer.from('root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n') },
      { header: { name: 'etc/group' }, data: Buffer.from('root:x:0:\nnobody:x:65534:\n') },
      { header: { name: 'bin/busybox', mode: 0o755 }, data: readFileSync(busybox) },
      ...applets
        .filter((name) => name !== 'busybox')
        .map((name) => ({ header: { name: `bin/${name}`, type: 'symlink' as const, linkname: 'busybox' } })),
    ],
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
  });
}

export async function until(what: string, isDone: () => boolean, tries = 400): Promise<void> {
  for (let count = 0; count < tries; count++) {
    if (isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen within ${(tries * 50) / 1000} s`);
}

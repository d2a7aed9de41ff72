import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, rmSync, symlinkSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Makes an image from the machine's static busybox: no registry is needed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const busybox = '/usr/bin/busybox';

/** Imports `name` into Docker unless it is there. `docker` may name another engine: `['-H', 'unix:///…']`. */
export function ensureBusyboxImage(name: string, docker: readonly string[] = []): void {
  if (spawnSync('docker', [...docker, 'image', 'inspect', name], { stdio: 'ignore' }).status === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'troupe-image-'));
  try {
    for (const part of ['bin', 'etc', 'tmp', 'www']) mkdirSync(join(folder, part));
    copyFileSync(busybox, join(folder, 'bin', 'busybox'));
    for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')) {
      if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(folder, 'bin', applet));
    }
    writeFileSync(join(folder, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
    writeFileSync(join(folder, 'etc', 'group'), 'root:x:0:\nnobody:x:65534:\n');
    const tar = execFileSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 });
    execFileSync(
      'docker',
      [
        ...docker,
        'import',
        '--change',
        'CMD ["/bin/sh"]',
        '--change',
        'ENV PATH=/bin',
        '--change',
        'LABEL troupe.example=true',
        '-',
        name,
      ],
      { input: tar, stdio: ['pipe', 'ignore', 'inherit'] },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

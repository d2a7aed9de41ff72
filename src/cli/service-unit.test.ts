import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { serviceUnit } from './service-unit.ts';

const shutdown = { command: ['/opt/troupe', 'node', 'shutdown'], seconds: 50 };

test('a unit runs the command in the foreground, again and again, unless a restart cures nothing', (t) => {
  const text = serviceUnit({
    cluster: 'local',
    engineUnit: 'docker.service',
    command: ['/usr/bin/node', '/opt/troupe/troupe.js', 'up', '--foreground', '--home', '/var/lib/troupe'],
    shutdown,
  });
  t.true(text.includes('\n[Service]\nEnvironment=MALLOC_MMAP_THRESHOLD_=131072\n'));
  t.true(text.includes('\nExecStart=/usr/bin/node /opt/troupe/troupe.js up --foreground --home /var/lib/troupe\n'));
  for (const line of ['Restart=always', 'RestartPreventExitStatus=78', 'After=network-online.target docker.service'])
    t.true(text.split('\n').includes(line), line);
});

test('while the machine goes down the unit has the time that pods have to end', (t) => {
  const lines = (seconds: number): string[] =>
    serviceUnit({ cluster: 'local', command: ['/t'], shutdown: { ...shutdown, seconds } }).split('\n');
  t.true(lines(50).includes('ExecStop=-/opt/troupe node shutdown'));
  t.true(lines(50).includes('TimeoutStopSec=50'));
  t.true(lines(1).includes('TimeoutStopSec=30'));
});

test('words with blanks, quotes, percent and dollar signs stay what they are', (t) => {
  t.true(
    serviceUnit({ cluster: '100%', command: ['/bin/a b', 'c"d', '%h', '$HOME', 'e\\f'], shutdown }).includes(
      '\nExecStart="/bin/a b" "c\\"d" %%h "$$HOME" "e\\\\f"\n',
    ),
  );
});

const program = '/usr/bin/systemd-analyze';
const analyzed = existsSync(program) ? test : test.skip;
if (!existsSync(program)) console.log(`a test is skipped: ${program} is not here`);

analyzed('systemd takes the unit as it is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-unit-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'troupe-local.service');
  writeFileSync(
    file,
    serviceUnit({
      cluster: 'local',
      engineUnit: 'docker.service',
      command: ['/bin/sh', '-c', 'echo "$HOME" 100%'],
      shutdown: { command: ['/bin/sh', '-c', 'true'], seconds: 0 },
    }),
  );
  t.notThrows(() => execFileSync(program, ['verify', '--recursive-errors=no', file], { stdio: 'pipe' }));
});

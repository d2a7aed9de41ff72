import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { lockFolder } from './index.ts';

test('a folder belongs to one process at a time, and is free at once when that process is killed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-lock-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const program = `import { lockFolder } from '${new URL('./folder-lock.ts', import.meta.url).href}';
    const taken = await lockFolder(${JSON.stringify(folder)});
    console.log('release' in taken);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await new Promise<Buffer[]>((resolve) => {
    child.stdout.once('data', (...args: Buffer[]) => {
      resolve(args);
    });
  });
  t.is(said?.toString().trim(), 'true');
  t.like(await lockFolder(folder), { held: 'another running process' });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await ended;
  const taken = await lockFolder(folder);
  if (!('release' in taken)) return t.fail('a killed process holds nothing');
  t.true('held' in (await lockFolder(folder)));
  await taken.release();
  t.true('release' in (await lockFolder(folder)));
});

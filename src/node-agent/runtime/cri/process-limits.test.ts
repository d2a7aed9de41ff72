import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { removeCgroupParent } from './process-limits.ts';

test('the folder of control groups goes from every hierarchy, unless a container is in it', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'troupe-cgroup-'));
  t.teardown(() => {
    rmSync(root, { recursive: true });
  });
  for (const path of ['pids/troupe', 'memory/troupe/c1', 'cpu/others', 'troupe'])
    mkdirSync(join(root, path), { recursive: true });
  await removeCgroupParent(root);
  t.deepEqual(readdirSync(root, { recursive: true }).map(String).sort(), [
    'cpu',
    'cpu/others',
    'memory',
    'memory/troupe',
    'memory/troupe/c1',
    'pids',
  ]);
  await t.notThrowsAsync(removeCgroupParent(join(root, 'absent')));
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ConfinementError } from '../container/index.ts';
import { readSeccompProfile } from './seccomp-profiles.ts';

test("a profile is read from the node's folder, and what is none is refused by name", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'seccomp-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const root = join(folder, 'root');
  mkdirSync(join(root, 'profiles'), { recursive: true });
  const profile = '{"defaultAction":"SCMP_ACT_LOG"}';
  writeFileSync(join(root, 'profiles/audit.json'), profile);
  writeFileSync(join(folder, 'outside.json'), profile);
  writeFileSync(join(root, 'text.json'), 'unconfined');
  writeFileSync(join(root, 'empty.json'), '{}');
  writeFileSync(join(root, 'large.json'), `${profile}${' '.repeat(2 ** 20)}`);
  t.is(await readSeccompProfile(root, 'profiles/audit.json'), profile);
  const refused: Readonly<Record<string, RegExp>> = {
    'no/such/file.json': /cannot load seccomp profile ".*no\/such\/file.json": ENOENT/,
    '../outside.json': /not a path inside of/,
    [join(folder, 'outside.json')]: /not a path inside of/,
    '': /not a path inside of/,
    profiles: /EISDIR/,
    'text.json': /not a JSON object with a defaultAction/,
    'empty.json': /not a JSON object with a defaultAction/,
    'large.json': /more than 1048576 bytes/,
  };
  for (const [name, message] of Object.entries(refused))
    await t.throwsAsync(readSeccompProfile(root, name), { instanceOf: ConfinementError, message }, name);
});

import { existsSync, rmSync } from 'node:fs';
import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { fakeTroupe } from './fake-troupe.fixture.ts';
import { ownCluster } from './own-cluster.ts';

test('what cannot be removed after a run is said, and its folder stays for another try', async (t) => {
  const { command, fail } = fakeTroupe();
  const said: string[] = [];
  fail('');
  const options = {
    topology: { members: 1, nodes: 1, runtime: 'simulated', disks: 'shared' },
    faults: [],
    command: { ...command, program: ['/bin/false'] },
    image: '',
    timers: new SimulatedTime(0, 1),
    say: (text: string) => {
      said.push(text);
    },
  } as const;
  await t.throwsAsync(ownCluster(options), { message: /troupe up .* failed/ });
  const [begun = '', left = ''] = said;
  const [, folder = ''] = / in (\S+)$/.exec(begun) ?? [];
  t.is(left, `what the run made in ${folder} is not all gone: troupe down --purge failed: `);
  t.true(existsSync(folder));
  rmSync(folder, { recursive: true });
  t.is(said.length, 2);
});

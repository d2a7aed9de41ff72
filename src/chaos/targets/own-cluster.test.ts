import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { homeAt } from '../../main/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { fakeTroupe } from './fake-troupe.fixture.ts';
import { ownCluster, removeCluster } from './own-cluster.ts';
import { TroupeHome } from './troupe-home.ts';

test('what cannot be removed after a run is said, and its folder stays for another try', async (t) => {
  const { command } = fakeTroupe();
  const said: string[] = [];
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

test('disks within a home go between the end of its processes and its removal', async (t) => {
  const { command, folder, asked } = fakeTroupe();
  const home = new TroupeHome(homeAt(join(folder, 'home')), command);
  mkdirSync(home.home.folder);
  let before: readonly string[] = [];
  const disks = {
    destroy: () => {
      before = asked();
    },
  };
  t.deepEqual(await removeCluster(home.home.folder, home, { disks }), []);
  t.deepEqual(before, ['home: down']);
  t.deepEqual(asked(), ['home: down', 'home: down --purge']);
});

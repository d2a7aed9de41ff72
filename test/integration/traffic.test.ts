import test from 'ava';
import { machinesProblem } from './machines.ts';
import { askAll } from './traffic/ask-all.ts';
import { cells, type Facts, impossibleCells } from './traffic/cells.ts';
import { gateway, Lane } from './traffic/lane.ts';
import { askNames } from './traffic/names.ts';
import { sheet } from './traffic/sheet.ts';

/**
 * Every path to a pod, between three machines as users have them: Docker's own rules (it drops what it is not asked to
 * forward), its own seccomp profile, the bridge filtered as the kernel has it.
 */
const problem = machinesProblem();
let lane: Lane;
let facts: Facts;

test.before('three machines, and one outside', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  lane = await Lane.start();
  const { machines, pods, services } = lane;
  facts = {
    pods,
    services,
    machines: machines.all.map(({ address }) => address),
    outside: machines.outsideAddress,
    gateway,
  };
});
test.after.always('removed with everything that they made', async () => {
  await lane?.stop();
});

const needsMachines = problem === undefined ? test.serial : test.serial.skip;
if (problem !== undefined)
  test('machines are needed', (t) => {
    t.log(`skipped: ${problem}`);
    t.pass();
  });

needsMachines('the machines forward nothing by themselves', (t) => {
  for (const machine of lane.machines.all)
    t.regex(machine.run('iptables', ['-S', 'FORWARD']).stdout, /^-P FORWARD DROP$/m);
});

needsMachines(
  'every path leads where Kubernetes leads it, from the address that it shows, or is refused at once',
  async (t) => {
    const asked = cells(facts);
    const differing = await askAll(lane, asked, facts);
    t.log(sheet(asked, new Set(differing.keys())));
    t.log(['not possible:', ...impossibleCells].join('\n  '));
    t.deepEqual(
      [...differing].map(([id, how]) => `${id}: ${how}`),
      [],
    );
  },
);

needsMachines('a headless name leads to the pods that are ready, from every pod and every machine', async (t) => {
  t.deepEqual(await askNames(lane), []);
});

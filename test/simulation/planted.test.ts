import test from 'ava';
import { plantedBugs } from './planted-bugs.ts';
import { plantedSystem } from './planted.ts';
import { simulate } from './simulation.ts';

for (const bug of plantedBugs) {
  test(`the simulation finds a store that would ${bug.name.replaceAll('-', ' ')}`, async (t) => {
    const { violation, recent } = await simulate({ seed: bug.seed, system: await plantedSystem(bug) });
    t.truthy(violation, `seed ${bug.seed} no longer finds it; its last lines were\n${recent.join('\n')}`);
    t.log(`seed ${bug.seed}: ${violation?.type}, ${violation?.check}`);
  });
}

test('there are at least fifteen planted bugs, and no two share a name', (t) => {
  t.true(plantedBugs.length >= 15);
  t.is(new Set(plantedBugs.map(({ name }) => name)).size, plantedBugs.length);
});

import type { TestFn } from 'ava';
import type { PlantedBug } from './planted-bugs.ts';
import { plantedSystem } from './planted.ts';
import { simulate } from './simulation.ts';

/**
 * A change of the store shifts what each seed meets: when the kept ones no longer find a bug, so many others are tried.
 */
const others = Array.from({ length: 150 }, (_, i) => 1_000 + i);

async function find(bug: PlantedBug): Promise<string | undefined> {
  const system = await plantedSystem(bug);
  for (const seed of [...bug.seeds, ...others]) {
    const { violation } = await simulate({ seed, system });
    if (violation !== undefined) return `seed ${seed}: ${violation.type}, ${violation.check}`;
  }
  return undefined;
}

/** One test for each of these bugs. Two files have half of them each, so that two workers search at once. */
export function findPlanted(test: TestFn, bugs: readonly PlantedBug[]): void {
  for (const bug of bugs) {
    test.serial(`the simulation finds this planted bug: ${bug.name.replaceAll('-', ' ')}`, async (t) => {
      const found = await find(bug);
      t.log(found ?? 'nothing');
      t.truthy(
        found,
        `neither seeds ${bug.seeds.join()} nor ${others.length} others find it: look for more with the script ` +
          'simulate and its options planted and seeds',
      );
    });
  }
}

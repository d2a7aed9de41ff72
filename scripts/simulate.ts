/**
 * Runs the store's simulation: `--seeds A-B [--minutes M]` runs seeds until one fails, `--seed N [--verbose]` replays one,
 * `--planted NAME` plants a bug. Exit 0: all is well; 1: a safety check failed; 2: the cluster did not recover; 3: something crashed.
 */
import { parseArgs } from 'node:util';
import { Coverage } from '../test/simulation/coverage.ts';
import { describeOptions, drawOptions } from '../test/simulation/options.ts';
import { plantedBugs } from '../test/simulation/planted-bugs.ts';
import { plantedSystem } from '../test/simulation/planted.ts';
import { simulate, type SimulationResult } from '../test/simulation/simulation.ts';
import { loadSystem } from '../test/simulation/system.ts';

const exitCodes = { safety: 1, liveness: 2, crash: 3 } as const;

function show(result: SimulationResult): void {
  const { violation, figures, digest } = result;
  console.log(`  ${violation === undefined ? 'ok' : `${violation.type.toUpperCase()} ${violation.check}`} digest=${digest} ${Object.entries(figures).map(([name, value]) => `${name}=${value}`).join(' ')}`);
  if (violation !== undefined) console.log(`  ${violation.detail}`);
}

function seedsOf(values: { readonly seed?: string; readonly seeds?: string }): readonly [number, number] {
  if (values.seed !== undefined) return [Number(values.seed), Number(values.seed)];
  const [from, to] = (values.seeds ?? '1-20').split('-').map(Number);
  return [from ?? 1, to ?? from ?? 1];
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: {
    seed: { type: 'string' }, seeds: { type: 'string' }, minutes: { type: 'string' }, verbose: { type: 'boolean' }, planted: { type: 'string' }, 'keep-going': { type: 'boolean' },
  } });
  const [from, to] = seedsOf(values);
  const endsAt = Date.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const bug = values.planted === undefined ? undefined : plantedBugs.find(({ name }) => name === values.planted);
  if (values.planted !== undefined && bug === undefined) throw new Error(`no planted bug ${values.planted}; there are ${plantedBugs.map(({ name }) => name).join(', ')}`);
  const system = bug === undefined ? await loadSystem() : await plantedSystem(bug);
  const coverage = new Coverage();
  let [code, done] = [0, 0];
  const failed: string[] = [];
  for (let seed = from; seed <= to && Date.now() < endsAt; seed++) {
    console.log(`seed ${seed}: ${describeOptions(drawOptions(seed))}`);
    const result = await simulate({ seed, system, ...(values.verbose === true ? { print: (line: string) => { console.log(line); } } : {}) });
    show(result);
    coverage.merge(result.coverage);
    done += 1;
    if (result.violation === undefined) continue;
    failed.push(`${seed} (${result.violation.type} ${result.violation.check})`);
    code = code === 0 ? exitCodes[result.violation.type] : Math.min(code, exitCodes[result.violation.type]);
    if (values['keep-going'] !== true) break;
  }
  console.log(`\nWhich fault met which state of a member, over ${done} seeds:\n${coverage.table()}\n`);
  console.log(failed.length === 0 ? `${done} seeds passed` : `${failed.length} of ${done} seeds failed: ${failed.join(', ')}`);
  return code;
}

process.on('unhandledRejection', (error) => {
  console.error('The simulation crashed:', error);
  process.exit(3);
});
process.exitCode = await main();

/**
 * Runs the store's simulation:
 *   --seeds A-B [--minutes M] [--keep-going]  runs seeds until one fails, or all of them
 *   --seed N [--verbose]                      replays one, the same to the last line
 *   --explain                                 takes every seed for a tour of one fault, one after the other (without
 *                                             seeds: all, twice), prints how often each fault met each phase of a
 *                                             cluster, and fails where the two never met
 *   --members N                               with so many members instead of the seed's own draw
 *   --planted NAME                            plants a bug
 *   --planted all [--write-docs] plants one after the other, each until a seed finds it, and prints the table of
 *   docs/store.md
 * Exit 0: all is well; 1: a safety check failed; 2: the cluster did not recover; 3: something crashed; 4: with
 * --explain, some fault never met some phase; 64: the options make no sense. With `--planted all`, 0 means that every
 * bug was found and 1 that one was not.
 */
import { parseArgs } from 'node:util';
import { Coverage } from '../test/simulation/coverage.ts';
import {
  describeOptions,
  drawOptions,
  everyFault,
  type SimulationOptions,
  tourMix,
  tourOf,
} from '../test/simulation/options.ts';
import { type PlantedBug, plantedBugs } from '../test/simulation/planted-bugs.ts';
import { plantedSystem } from '../test/simulation/planted.ts';
import { type Find, plantedTable, writePlantedTable } from '../test/simulation/planted-table.ts';
import { simulate, type SimulationResult } from '../test/simulation/simulation.ts';
import { loadSystem } from '../test/simulation/system.ts';

type Seeds = readonly [from: number, to: number];

const exitCodes = { safety: 1, liveness: 2, crash: 3 } as const;
const notReached = 4;
/** Where `--planted all` begins: from here on a seed can draw every fault. */
const plantedFrom = 1_000;
const plantedSeeds = 1_000;
/** Two tours of each fault. */
const toursFrom: Seeds = [plantedFrom, plantedFrom + everyFault.length * 2 - 1];

interface Wish {
  readonly seeds: Seeds;
  readonly endsAt: number;
  readonly overrides: Partial<SimulationOptions>;
  readonly verbose: boolean;
  readonly keepGoing: boolean;
  readonly explain: boolean;
}

function show(result: SimulationResult): void {
  const { violation, figures, digest } = result;
  const verdict = violation === undefined ? 'ok' : `${violation.type.toUpperCase()} ${violation.check}`;
  const values = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  console.log(`  ${verdict} digest=${digest} ${values.join(' ')}`);
  if (violation !== undefined) console.log(`  ${violation.detail}`);
}

/** The options make no sense. */
class UsageError extends Error {}

function numberOf(text: string, least: number): number {
  const found = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(found) || found < least)
    throw new UsageError(`${JSON.stringify(text)} is not a whole number from ${least} on`);
  return found;
}

function seedsOf(values: { readonly seed?: string; readonly seeds?: string }, [first, last]: Seeds): Seeds {
  const [from = '', to = from] = (values.seed ?? values.seeds ?? `${first}-${last}`).split('-');
  const seeds = [numberOf(from, 0), numberOf(to, 0)] as const;
  if (seeds[1] < seeds[0]) throw new UsageError(`there are no seeds from ${from} to ${to}`);
  return seeds;
}

async function runSeeds(
  bug: PlantedBug | undefined,
  { seeds: [from, to], endsAt, overrides, verbose, keepGoing, explain }: Wish,
): Promise<number> {
  const system = bug === undefined ? await loadSystem() : await plantedSystem(bug);
  const coverage = new Coverage();
  let [code, done, undecided] = [0, 0, 0];
  const failed: string[] = [];
  for (let seed = from; seed <= to && Date.now() < endsAt; seed++) {
    const wanted = explain ? { ...tourMix(tourOf(seed)), ...overrides } : overrides;
    console.log(`seed ${seed}: ${describeOptions({ ...drawOptions(seed), ...wanted })}`);
    const result = await simulate({
      seed,
      system,
      overrides: wanted,
      ...(verbose
        ? {
            print: (line: string) => {
              console.log(line);
            },
          }
        : {}),
    });
    show(result);
    coverage.merge(result.coverage);
    undecided += result.figures['undecided'] ?? 0;
    done += 1;
    if (result.violation === undefined) continue;
    failed.push(`${seed} (${result.violation.type} ${result.violation.check})`);
    code = code === 0 ? exitCodes[result.violation.type] : Math.min(code, exitCodes[result.violation.type]);
    if (!keepGoing) break;
  }
  if (explain) {
    console.log(`\nWhich fault met which phase, over ${done} seeds:\n${coverage.explain(everyFault)}\n`);
    const missed = coverage.missed(everyFault);
    if (missed.length > 0 && code === 0) code = notReached;
    for (const { fault, phase } of missed) console.log(`never reached: ${fault} in ${phase}`);
  } else console.log(`\nWhich fault met which state of a member, over ${done} seeds:\n${coverage.table()}\n`);
  console.log(`Groups of keys whose history could be neither explained nor refuted: ${undecided}`);
  console.log(
    failed.length === 0 ? `${done} seeds passed` : `${failed.length} of ${done} seeds failed: ${failed.join(', ')}`,
  );
  return code;
}

async function search(bug: PlantedBug, [from, to]: Seeds): Promise<Find | undefined> {
  const system = await plantedSystem(bug);
  for (let seed = from; seed <= to; seed++) {
    const { violation } = await simulate({ seed, system });
    if (violation !== undefined)
      return { check: `${violation.type}: ${violation.check}`, seed, tried: seed - from + 1 };
  }
  return undefined;
}

async function searchAll(seeds: Seeds, writeDocs: boolean): Promise<number> {
  const rows: { readonly bug: PlantedBug; readonly find: Find | undefined }[] = [];
  for (const bug of plantedBugs) {
    const find = await search(bug, seeds);
    console.log(`${bug.name}: ${find === undefined ? 'NOT FOUND' : `${find.check}, seed ${find.seed}`}`);
    rows.push({ bug, find });
  }
  const table = plantedTable(rows);
  console.log(`\n${table}`);
  if (writeDocs) writePlantedTable(table, `npm run simulate -- --planted all --seeds ${seeds.join('-')} --write-docs`);
  return rows.every(({ find }) => find !== undefined) ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      minutes: { type: 'string' },
      members: { type: 'string' },
      verbose: { type: 'boolean' },
      planted: { type: 'string' },
      'keep-going': { type: 'boolean' },
      explain: { type: 'boolean' },
      'write-docs': { type: 'boolean' },
    },
  });
  if (values.planted === 'all')
    return searchAll(seedsOf(values, [plantedFrom, plantedFrom + plantedSeeds - 1]), values['write-docs'] === true);
  const bug = values.planted === undefined ? undefined : plantedBugs.find(({ name }) => name === values.planted);
  if (values.planted !== undefined && bug === undefined)
    throw new UsageError(
      `no planted bug ${values.planted}; there are ${plantedBugs.map(({ name }) => name).join(', ')}`,
    );
  return runSeeds(bug, {
    seeds: seedsOf(values, values.explain === true ? toursFrom : [1, 20]),
    endsAt:
      Date.now() + (values.minutes === undefined ? Number.POSITIVE_INFINITY : numberOf(values.minutes, 1) * 60_000),
    overrides: values.members === undefined ? {} : { members: numberOf(values.members, 1) },
    verbose: values.verbose === true,
    keepGoing: values['keep-going'] === true || values.explain === true,
    explain: values.explain === true,
  });
}

process.on('unhandledRejection', (error) => {
  console.error('The simulation crashed:', error);
  process.exit(3);
});
try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as { readonly code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(isUsage ? (error as Error).message : error);
  process.exitCode = isUsage ? 64 : 3;
}

/**
 * What it costs to wait for something that is there already: a step that answers `T | Promise<T>`, awaited only where
 * it is a promise, beside the same step as an async function. In ns a step.
 *   node benchmarks/micro/sync-answers.ts [--json FILE]
 */
import { type Figure, quantile, report } from '../figures.ts';

const [rounds, calls, steps] = [15, 20_000, 4];

interface Facts {
  readonly user: string;
  readonly verb: string;
}

const known = new Map<string, Facts>([['a', { user: 'u', verb: 'get' }]]);
const find = (key: string): Facts => known.get(key) ?? { user: key, verb: '' };

const atOnce = (key: string): Facts | Promise<Facts> => find(key);
// oxlint-disable-next-line require-await -- That is what is measured.
const later = async (key: string): Promise<Facts> => find(key);

async function withUnion(): Promise<number> {
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const asked = atOnce('a');
    const { user } = asked instanceof Promise ? await asked : asked;
    sum += user.length;
  }
  return sum;
}

async function withAsync(): Promise<number> {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += (await later('a')).user.length;
  return sum;
}

async function nanoseconds(request: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) await request();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (calls * steps);
}

const cases = { 'the union, awaited where it is a promise': withUnion, 'an async function': withAsync };
const samples = new Map<string, number[]>();
for (let i = 0; i < rounds; i++)
  for (const [name, request] of Object.entries(cases))
    samples.set(name, [...(samples.get(name) ?? []), await nanoseconds(request)]);
const figures = [...samples].map(([name, values]): Figure => ({ name, value: quantile(values, 0.5), unit: 'ns' }));
report('Processor time of a step whose answer is there already (median of rounds)', figures);

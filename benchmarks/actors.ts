/**
 * Actors beside bare nact and bare NATS in the same run: tells, asks across two processes, activation of passive
 * resources, and the wake-up of a controller after a commit.
 *   npm run bench:actors [-- --json FILE] [--write-docs]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askTimes } from './actors/asks.ts';
import { bareTells, troupeTells } from './actors/tells.ts';
import { wakeTimes } from './actors/wake-ups.ts';
import { type Figure, machineFacts, quantile, report, table } from './figures.ts';

const folder = mkdtempSync(join(tmpdir(), 'troupe-bench-'));

async function tells(): Promise<Figure> {
  const value = await troupeTells(5_000, 6_000);
  const peerValue = await bareTells(5_000, 6_000);
  return {
    name: 'tell to one of 5,000 resource actors',
    value,
    unit: 'per s',
    goal: '>= 100,000',
    peer: 'bare nact, one parent',
    peerValue,
    ratio: value / peerValue,
  };
}

async function asks(): Promise<Figure[]> {
  const times = await askTimes(folder, 6_000);
  return [0.5, 0.99].map((q) => {
    const [value, peerValue] = [quantile(times.asks, q), quantile(times.requests, q)];
    return {
      name: `ask across members, p${q * 100}`,
      value,
      unit: 'ms',
      goal: q === 0.5 ? '<= 1' : '',
      peer: 'bare NATS request',
      peerValue,
      ratio: value / peerValue,
    };
  });
}

async function activation(): Promise<Figure[]> {
  const count = 100_000;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    join(import.meta.dirname, 'actors/activation.ts'),
    String(count),
  ]);
  const { before, active, after, highest, left, seconds } = JSON.parse(stdout) as Record<
    'before' | 'active' | 'after' | 'highest' | 'left' | 'seconds',
    number
  >;
  return [
    {
      name: '100,000 passive resources activated: memory of the process',
      value: active,
      unit: 'MiB',
      goal: '<= 1,536',
    },
    { name: 'the same, before the first', value: before, unit: 'MiB' },
    { name: 'the same, after they were passivated', value: after, unit: 'MiB' },
    { name: 'resident at once / left after idling', value: highest, unit: `actors / ${left}`, goal: '0 left' },
    { name: 'activations by ask', value: count / seconds, unit: 'per s' },
  ];
}

async function wakeUps(): Promise<Figure[]> {
  const times = await wakeTimes(folder, { perSecond: 1_000, forMs: 10_000 });
  return [
    { name: 'commit to reconcile, p50', value: quantile(times.fromCommit, 0.5), unit: 'ms', goal: '<= 5' },
    { name: 'commit to reconcile, p99', value: quantile(times.fromCommit, 0.99), unit: 'ms', goal: '<= 25' },
    { name: 'write called to reconcile, p50', value: quantile(times.fromWrite, 0.5), unit: 'ms' },
    { name: 'changes made', value: times.perSecond, unit: 'per s', goal: '1,000' },
  ];
}

/** The table stands between two marks in docs/actors.md. */
function writeDocs(figures: readonly Figure[]): void {
  const file = join(import.meta.dirname, '../docs/actors.md');
  const [begin, end] = ['<!-- bench:actors -->', '<!-- /bench:actors -->'];
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    `${text.slice(0, text.indexOf(begin) + begin.length)}\n${machineFacts()}\n\n${table(figures)}\n` +
      `${text.slice(text.indexOf(end))}`,
  );
}

try {
  const figures = [await tells(), ...(await asks()), ...(await activation()), ...(await wakeUps())];
  report('Actors', figures);
  if (process.argv.includes('--write-docs')) writeDocs(figures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

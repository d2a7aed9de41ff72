/**
 * The fast gate: unit tests (tidy is one of them), and beside them types, lint and layers, one after the other. Prints
 * what failed and how long each took.
 */
import { spawn } from 'node:child_process';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

/**
 * Steps of one row run one after the other: each keeps a core busy, or two, and tests that wait for deadlines need
 * theirs.
 */
const rows: readonly (readonly Step[])[] = [
  [
    { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
    { name: 'lint', command: ['oxlint', '--deny-warnings', 'src', 'scripts', 'test', 'benchmarks'] },
    {
      name: 'format',
      command: [
        'oxfmt',
        '--list-different',
        '--no-error-on-unmatched-pattern',
        'src',
        'scripts',
        'test',
        'benchmarks',
        'dashboard',
      ],
    },
    { name: 'layers', command: ['node', 'scripts/layers.ts'] },
    { name: 'house', command: ['node', 'scripts/house.ts'] },
  ],
  [{ name: 'unit', command: ['node', 'scripts/unit.ts'] }],
];

interface Outcome {
  readonly name: string;
  readonly code: number;
  readonly seconds: number;
  readonly output: string;
}

function run({ name, command }: Step): Promise<Outcome> {
  const [program, ...args] = command;
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', (error) => {
      output += error.message;
    });
    child.on('close', (code) => {
      resolve({ name, code: code ?? 1, seconds: (performance.now() - started) / 1000, output });
    });
  });
}

async function runRow(steps: readonly Step[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await run(step));
  return outcomes;
}

const outcomes = (await Promise.all(rows.map(runRow))).flat();
for (const outcome of outcomes) {
  // Of what went well only what was counted, skipped or noted.
  if (outcome.code !== 0) console.log(outcome.output.trimEnd());
  else if (outcome.name === 'house') console.log(outcome.output.trimEnd());
  else if (outcome.name === 'unit')
    console.log(
      outcome.output
        .split('\n')
        .filter((line) => /ℹ|skipped|tests? passed/.test(line))
        .join('\n'),
    );
}
for (const { name, code, seconds } of outcomes)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
// Exiting at once would cut off what a pipe has not taken yet.
process.exitCode = outcomes.every((outcome) => outcome.code === 0) ? 0 : 1;

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const script = fileURLToPath(new URL('../../scripts/simulate.ts', import.meta.url));

function run(...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, output: stdout + stderr };
}

/** By exit code: what was asked, and what the output says of it. */
const cases: readonly (readonly [string, number, readonly string[], RegExp])[] = [
  ['a seed that passes', 0, ['--seed', '5'], /1 seeds passed/],
  [
    'a broken promise',
    1,
    ['--planted', 'vote-twice-in-a-term', '--seeds', '1-20'],
    /SAFETY one-vote-a-term|SAFETY election-safety/,
  ],
  [
    'a cluster that does not recover',
    2,
    ['--planted', 'no-step-back-after-a-refusal', '--seeds', '1-20'],
    /LIVENESS recovery/,
  ],
  ['a crash', 3, ['--planted', 'obey-a-leader-of-the-past', '--seeds', '1050-1058'], /CRASH invariant/],
  [
    'a bug that nobody planted',
    64,
    ['--planted', 'no-such-bug'],
    /no planted bug no-such-bug; there are vote-twice-in-a-term,/,
  ],
  ['seeds that are no numbers', 64, ['--seeds', 'one-two'], /"one" is not a whole number/],
  ['seeds in the wrong order', 64, ['--seeds', '9-3'], /no seeds from 9 to 3/],
  ['an option that does not exist', 64, ['--sedes', '3'], /Unknown option '--sedes'/],
];

test.serial('a seed gives the same run in every process', (t) => {
  const [one, other] = [run('--seed', '1330'), run('--seed', '1330')];
  t.regex(one.output, /digest=[0-9a-f]{16} /);
  t.is(other.output, one.output);
});

for (const [what, code, args, says] of cases) {
  test.serial(`the script simulate exits with ${code} for ${what}`, (t) => {
    const ended = run(...args);
    t.is(ended.code, code, ended.output);
    t.regex(ended.output, says);
  });
}

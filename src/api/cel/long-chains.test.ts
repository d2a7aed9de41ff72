import test from 'ava';
import { baseEnvironment, compileProgram } from './index.ts';

const chains: readonly (readonly [string, string])[] = [
  ['and', Array.from({ length: 2_000 }, () => 'true').join('&&')],
  ['or', Array.from({ length: 2_000 }, () => 'true').join('||')],
  ['plus', `${Array.from({ length: 4_000 }, () => '1').join('+')} == 1`],
  ['texts', `${Array.from({ length: 4_000 }, () => "'a'").join('+')} == ''`],
  ['not', `${'!'.repeat(9_000)}true`],
  ['minus', `${'- '.repeat(9_000)}1 == 1`],
  ['choices', `${'true ? true : '.repeat(2_000)}true`],
  ['fields', `{'a': 1}${'.a'.repeat(9_000)} == 1`],
  ['positions', `[1]${'[0]'.repeat(5_000)} == 1`],
  ['calls', `'a'${'.trim()'.repeat(4_000)} == ''`],
  ['brackets', `${'('.repeat(9_000)}true${')'.repeat(9_000)}`],
  ['lists', `${'['.repeat(5_000)}1${']'.repeat(5_000)} == [1]`],
  ['comparisons', Array.from({ length: 4_000 }, () => '1').join('<')],
];

for (const [name, source] of chains)
  test(`an expression of very many operators in a row is refused, not a defect: ${name}`, (t) => {
    const result = compileProgram(baseEnvironment(), source, 'bool');
    t.true(
      'error' in result && result.error.startsWith('compilation failed'),
      'error' in result ? result.error : 'compiled',
    );
  });

test('an expression of many operators in a row compiles, is weighed and runs', (t) => {
  const result = compileProgram(
    baseEnvironment(),
    Array.from({ length: 300 }, () => '(1 + 1 == 2)').join(' && '),
    'bool',
  );
  if ('error' in result) return void t.fail(result.error);
  t.true(result.estimate({ elementsMax: 1, bytesMin: 0 }) > 300);
  t.true(result.program({}) as boolean);
});

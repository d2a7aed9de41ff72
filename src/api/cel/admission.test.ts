import test from 'ava';
import { CelError, compilePolicy, isCompiled, LazyVariables } from './index.ts';

test('a variable of a policy sees those before it, and only those', (t) => {
  const { variables, validations } = compilePolicy({
    variables: [
      { name: 'a', expression: '1' },
      { name: 'b', expression: 'variables.a + 1' },
      { name: 'c', expression: 'variables.d' },
      { name: 'd', expression: '1' },
    ],
    validations: [{ expression: 'variables.b == 2' }, { expression: 'params.x == 1' }],
  });
  t.deepEqual(
    variables.map(({ value }) => isCompiled(value)),
    [true, true, false, true],
  );
  t.deepEqual(
    validations.map(({ check }) => isCompiled(check)),
    [true, false],
  );
});

test('a lazy variable is computed once, and its failure is remembered', (t) => {
  let calls = 0;
  const variables = new LazyVariables((name) => {
    calls += 1;
    if (name === 'bad') throw new CelError('broken');
    return name;
  });
  t.is(variables.get('a'), 'a');
  t.is(variables.get('a'), 'a');
  t.throws(() => variables.get('bad'), { message: 'broken' });
  t.throws(() => variables.get('bad'), { message: 'broken' });
  t.is(calls, 2);
});

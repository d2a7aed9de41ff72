import test from 'ava';
import { baseEnvironment, CelError, celValue, compilePolicy, compileProgram, isCompiled, jsonText, LazyVariables } from './index.ts';

const object = celValue({ metadata: { name: 'ok-1' }, n: 5, d: 1.5, list: [3, 1, 2] });
const environment = baseEnvironment().registerVariable('object', 'dyn');

function outcome(source: string): string {
  const result = compileProgram(environment, source, 'any');
  if (!isCompiled(result)) return result.error.split('\n')[0] ?? '';
  try {
    return jsonText(result.program({ object }));
  } catch (error) {
    return error instanceof CelError ? `error: ${error.message}` : String(error);
  }
}

const table: readonly (readonly [source: string, outcome: string])[] = [
  ['object.n + 1', '6'],
  ["object.metadata.name.startsWith('ok')", 'true'],
  ['object.list.isSorted()', 'false'],
  ['object.list.sum() + object.list.min() + object.list.max()', '10'],
  ['[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)', '2'],
  ["'a-b-c'.split('-')[1]", '"b"'],
  ["'abc 123'.find('[0-9]+')", '"123"'],
  ["object.metadata.name.matches('^ok-[[:digit:]]$')", 'true'],
  [`['${'a'.repeat(60)}!'].exists(text, text.matches('^(a+)+$'))`, 'false'],
  ["['matches'][0] + 'matches'", '"matchesmatches"'],
  ["quantity('1Gi').isGreaterThan(quantity('500Mi'))", 'true'],
  ["isQuantity('1Gx')", 'false'],
  ["ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.1.1.1')", 'true'],
  ["url('https://a.b:80/c?d=e').getHost()", '"a.b:80"'],
  ["semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && isSemver('v1.2', true) && !isSemver('1.2') && semver('v1.20', true).minor() == 20", 'true'],
  ["semver('1.02.3')", 'error: Invalid Semantic Version: "1.02.3"'],
  ["ip.isCanonical('127.0.0.1') && !ip.isCanonical('::0')", 'true'],
  ["'%s and %d, %.2f' .format(['a', 5, 1.5])", '"a and 5, 1.50"'],
  ["['a', 'b'].join('-') + 'AbC'.lowerAscii() + 'abc'.substring(1, 2) + ' x '.trim() + strings.quote('q')", '"a-babcbx\\"q\\""'],
  ["duration('1h') > duration('59m') && cel.bind(x, 2, x * x) == 4", 'true'],
  ["format.dns1123Label().validate('a-b').hasValue() || !format.named('uuid').value().validate('x').hasValue() || format.named('none').hasValue()", 'false'],
  ["format.dns1123Label().validate('A').value().size() == 1 && format.date().validate('2021-02-30').value() == ['invalid date']", 'true'],
  ['sets.contains([1, 2, 3], [1])', 'true'],
  ["object.?missing.orValue('x')", '"x"'],
  ["timestamp('2024-01-01T00:00:00Z') < timestamp('2025-01-01T00:00:00Z')", 'true'],
  ['object.metadata.labels.team', 'error: no such key: labels'],
  ['object.list[9]', 'error: index out of bounds: 9'],
  ["object.n > 'a'", 'error: no such overload'],
  ['nope.x', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')"],
  ['object.', "compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input '.'"],
  ['object.list.all(i, v, i < 3 && v > 0) && object.list.exists(i, v, i == 2 && v == 2) && object.list.existsOne(i, v, v == 1)', 'true'],
  ["object.list.transformList(i, v, v > 1, i + v) == [3, 4] && {'a': 1, 'b': 2}.transformList(k, v, k == 'b', v) == [2]", 'true'],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v * 2) == {'a': 2, 'b': 4} && ['x'].transformMapEntry(i, v, {v: i}) == {'x': 0}", 'true'],
  ["['x', 'x'].transformMapEntry(i, v, {v: i})", 'error: insert failed: key x already exists'],
  ["object.list.all(i, v, object.list.exists(j, w, w == v && i == j))", 'true'],
  ["object.list.exists(i, v, v == 1 || object.nope == 1) && !object.list.all(i, v, v == 1 && object.nope == 1)", 'true'],
  ['object.list.all(i, v, i + v)', 'error: no such overload'],
  ['object.list.all(1, v, true)', 'compilation failed: ERROR: <input>:1:17: argument must be a simple name'],
  ["object.metadata.name.matches('[')", 'compilation failed: ERROR: <input>:1:30: invalid matches argument'],
  ["[1].all(x, 'a'.matches('(') || x > 0)", 'compilation failed: ERROR: <input>:1:24: invalid matches argument'],
  ["duration('1x') > duration('1h')", 'compilation failed: ERROR: <input>:1:10: invalid duration argument'],
  ["timestamp('yesterday') < timestamp('2025-01-01T00:00:00Z')", 'compilation failed: ERROR: <input>:1:11: invalid timestamp argument'],
  ['object.n ==', 'compilation failed: ERROR: <input>:1:12: Syntax error: Unexpected token: EOF'],
];

for (const [source, expected] of table) test(`${source} gives ${expected}`, (t) => { t.is(outcome(source), expected); });

test('an expression of another type is refused', (t) => {
  t.deepEqual(compileProgram(environment, '1 + 1', 'bool'), { error: 'must evaluate to bool but got int' });
  t.deepEqual(compileProgram(environment, 'true', 'string'), { error: 'must evaluate to string but got bool' });
});

test('a variable of a policy sees those before it, and only those', (t) => {
  const { variables, validations } = compilePolicy({
    variables: [{ name: 'a', expression: '1' }, { name: 'b', expression: 'variables.a + 1' }, { name: 'c', expression: 'variables.d' }, { name: 'd', expression: '1' }],
    validations: [{ expression: 'variables.b == 2' }, { expression: 'params.x == 1' }],
  });
  t.deepEqual(variables.map(({ value }) => isCompiled(value)), [true, true, false, true]);
  t.deepEqual(validations.map(({ check }) => isCompiled(check)), [true, false]);
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

import test from 'ava';
import { limits } from '../../base/index.ts';
import { declaredSize, type JsonSchema, rulesOfPlace } from '../custom-schema/index.ts';
import {
  baseEnvironment,
  CelBudgetError,
  CelCallLimitError,
  celValue,
  compileProgram,
  type CostBudget,
  isCompiled,
} from './index.ts';

const text = (maxLength?: number): JsonSchema => ({
  type: 'string',
  ...(maxLength === undefined ? {} : { maxLength }),
});
const listOf = (items: JsonSchema, maxItems: number): JsonSchema => ({ type: 'array', maxItems, items });

function estimateOf(schema: JsonSchema, rule: string): number {
  const [compiled] = rulesOfPlace({ ...schema, 'x-kubernetes-validations': [{ rule }] }, false).rules;
  if (compiled === undefined || !isCompiled(compiled.check)) throw new Error(JSON.stringify(compiled?.check));
  return compiled.check.estimate(declaredSize(schema, false) ?? { elementsMax: 0, bytesMin: 0 });
}

// Measured with Kubernetes' own validation: the longest list of texts of this length for which it accepts the rule.
const accepted: readonly (readonly [maxLength: number, maxItems: number])[] = [
  [16, 909_090],
  [63, 333_333],
  [253, 94_339],
  [1_024, 24_154],
];

for (const [maxLength, maxItems] of accepted) {
  test(`the estimate accepts as many texts of ${maxLength} as Kubernetes does`, (t) => {
    const cost = (items: number): number =>
      estimateOf(listOf(text(maxLength), items), "self.all(x, x.contains('gpu'))");
    t.true(
      cost(maxItems) <= limits.celEstimateMax && cost(maxItems + 1) > limits.celEstimateMax,
      `${cost(maxItems)} ${cost(maxItems + 1)}`,
    );
  });
}

const object: JsonSchema = {
  type: 'object',
  properties: {
    a: text(10),
    b: text(),
    n: { type: 'integer' },
    list: listOf({ type: 'integer' }, 100),
    map: { type: 'object', maxProperties: 7, additionalProperties: text(5) },
  },
};

const estimates: readonly (readonly [rule: string, cost: number])[] = [
  ['self.n == 1', 2],
  ["self.a == 'abc'", 2 + 1],
  ['has(self.a)', 1],
  ['self.n > 1 && self.n < 9', 3 + 3],
  ["self.a.matches('^[a-z]{1,4}$')", 2 + 5 * 3],
  ["self.a.startsWith('abc')", 2 + 1],
  ['self.list.exists(x, x == 1)', 2 + 1 + 100 * (4 + 1)],
  ['self.list.exists_one(x, x == 1)', 2 + 2 + 100 * (1 + 2)],
  ['self.list.map(x, x + 1).size() == 3', 2 + 10 + 1 + 100 * (12 + 2) + 1 + 1],
  ['self.list.filter(x, x > 1).size() > 0', 2 + 10 + 1 + 100 * (2 + 13) + 1 + 1],
  ['self.map.all(k, size(self.map[k]) < 3)', 2 + 1 + 7 * (3 + 2 + 1 + 1 + 1 + 1)],
  ['self.n in [1, 2, 3]', 2 + 10 + 3],
  ['self.list.all(i, x, x > i)', 2 + 1 + 100 * (3 + 3)],
  ['self.list.transformList(i, x, x + i).size() == 3', 2 + 11 + 100 * (12 + 3) + 1 + 1],
  ['quantity(self.a).isGreaterThan(quantity(self.a))', 2 * 3 + 1],
];
for (const [rule, cost] of estimates)
  test(`${rule} costs ${cost} at most`, (t) => {
    t.is(estimateOf(object, rule), cost);
  });

test('a text without bound may be as long as a request', (t) => {
  t.is(estimateOf(object, "self.b.contains('x')"), 2 + Math.ceil((limits.requestBytesMax - 2) * 0.1));
  t.true(estimateOf(object, 'self.b.contains(self.b)') > 100 * limits.celEstimateMax);
});

function run(
  source: string,
  values: object,
  budget: CostBudget = { left: limits.celCostMax },
): { readonly value: unknown; readonly cost: number } {
  const environment = baseEnvironment().registerVariable('self', 'dyn');
  const compiled = compileProgram(environment, source, 'any');
  if (!isCompiled(compiled)) throw new Error(compiled.error);
  const before = budget.left;
  return { value: compiled.program({ self: celValue(values) }, budget), cost: before - budget.left };
}

const costs: readonly (readonly [source: string, cost: number])[] = [
  ['self.n == 1', 3],
  ['1 == 1 || self.n == 2', 1],
  ["self.s.matches('^[a-z]{1,4}$')", 2 + 1 * 3],
  ['self.list.all(x, x > 0)', 2 + 1 + 3 * (3 + 2)],
  ['self.list.map(x, x * 2)', 2 + 10 + 1 + 3 * (12 + 2)],
  ['has(self.n)', 1],
  ['self.list.all(i, x, x > i)', 2 + 1 + 3 * (3 + 3)],
  ["[1, 2].size() + {'a': 1}.size()", 10 + 30 + 1 + 1 + 1],
];
for (const [source, cost] of costs)
  test(`${source} has cost ${cost}`, (t) => {
    t.is(run(source, { n: 1, s: 'abc', list: [1, 2, 3] }).cost, cost);
  });

const long = { list: Array.from({ length: 2_000 }, (_, index) => index) };
const dear = 'self.list.all(x, self.list.all(y, x + y >= 0))';

test('an expression that costs too much is ended, whatever it is part of', (t) => {
  for (const source of [
    dear,
    'self.list.all(i, x, self.list.all(j, y, x + y >= 0))',
    `true || ${dear}`,
    `${dear} || true`,
    `self.list.exists(z, ${dear})`,
  ]) {
    if (source.startsWith('true')) t.is(run(source, long).value, true);
    else
      t.throws(() => run(source, long), {
        instanceOf: CelCallLimitError,
        message: 'operation cancelled: actual cost limit exceeded',
      });
  }
});

test('expressions spend one budget together', (t) => {
  const budget = { left: 5 };
  t.is(run('self.n == 1', { n: 1 }, budget).value, true);
  t.throws(() => run('self.n == 1', { n: 1 }, budget), { instanceOf: CelBudgetError });
  t.throws(() => run('true', {}, budget), { instanceOf: CelBudgetError });
});

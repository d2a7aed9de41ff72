import test from 'ava';
import fc from 'fast-check';
import {
  addQuantity,
  canonicalQuantity,
  compareQuantity,
  parseQuantity,
  QuantityError,
  quantityMilli,
  quantityText,
  quantityUnits,
  subtractQuantity,
} from './index.ts';

const canonical: readonly (readonly [string, string])[] = [
  ['0', '0'],
  ['0Mi', '0'],
  ['1', '1'],
  ['0.5', '500m'],
  ['1000m', '1'],
  ['1024Mi', '1Gi'],
  ['1500Mi', '1500Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Gi', '512Mi'],
  ['1000k', '1M'],
  ['128974848', '128974848'],
  ['1e3', '1e3'],
  ['12e6', '12e6'],
  ['1E', '1E'],
  ['1E3', '1e3'],
  ['123456789m', '123456789m'],
  ['-1', '-1'],
  ['+5', '5'],
  ['.5', '500m'],
  ['5.', '5'],
  ['1n', '1n'],
  ['0.1n', '1n'],
  ['512Ki', '512Ki'],
  ['1000Ki', '1000Ki'],
  ['0.5Ki', '512'],
  ['1Ki', '1Ki'],
  ['100u', '100u'],
];
for (const [text, expected] of canonical) {
  test(`the quantity ${text} is written ${expected}`, (t) => {
    t.is(canonicalQuantity(text), expected);
  });
}

test('text that is no quantity is refused with the upstream message', (t) => {
  for (const text of ['', 'abc', '1x', '1 Gi', '--1', 'Gi']) {
    t.is(
      t.throws(() => parseQuantity(text), { instanceOf: QuantityError }).message,
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      text,
    );
  }
  t.is(t.throws(() => parseQuantity('1mm')).message, "unable to parse quantity's suffix");
});

test('whole units and thousandths are rounded away from zero', (t) => {
  t.is(quantityUnits(parseQuantity('1500m')), 2);
  t.is(quantityUnits(parseQuantity('-1500m')), -2);
  t.is(quantityMilli(parseQuantity('0.0001')), 1);
  t.is(quantityMilli(parseQuantity('2')), 2000);
});

const quantityArbitrary = fc
  .tuple(
    fc.integer({ min: -999_999, max: 999_999 }),
    fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e2'),
  )
  .map(([value, suffix]) => `${value}${suffix}`);

test('the canonical text means the same value and is its own canonical text', (t) => {
  fc.assert(
    fc.property(quantityArbitrary, (text) => {
      const quantity = parseQuantity(text);
      const written = quantityText(quantity);
      return parseQuantity(written).nanos === quantity.nanos && canonicalQuantity(written) === written;
    }),
  );
  t.pass();
});

test('sums and differences undo each other', (t) => {
  fc.assert(
    fc.property(quantityArbitrary, quantityArbitrary, (left, right) => {
      const [one, other] = [parseQuantity(left), parseQuantity(right)];
      return compareQuantity(subtractQuantity(addQuantity(one, other), other), one) === 0;
    }),
  );
  t.pass();
});

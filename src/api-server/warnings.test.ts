import test from 'ava';
import { warningHeaders } from './warnings.ts';

test('a warning is quoted, without control characters', (t) => {
  t.deepEqual(warningHeaders(['unknown field "a\\b"', 'two\nlines']), [
    '299 - "unknown field \\"a\\\\b\\""',
    '299 - "twolines"',
  ]);
});

test('warnings that are too long together are cut, and no more are told when they are long still', (t) => {
  const long = 'x'.repeat(1_000);
  t.deepEqual(
    warningHeaders(Array.from({ length: 4 }, () => long)),
    Array.from({ length: 4 }, () => `299 - "${long}"`),
  );
  const many = warningHeaders(Array.from({ length: 100 }, (_, i) => `${i} ${long}`));
  t.is(many.length, 16);
  t.is(many[0], `299 - "0 ${'x'.repeat(254)}"`);
  t.is(warningHeaders(['é'.repeat(5_000)])[0], `299 - "${'é'.repeat(256)}"`);
  // What made them too long together is told itself, whatever the earlier ones took.
  t.is(warningHeaders([...Array.from({ length: 4_096 }, () => 'y'), 'last']).at(-1), '299 - "last"');
});

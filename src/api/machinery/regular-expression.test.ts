import test from 'ava';
import { compilePattern } from './regular-expression.ts';

test('a pattern that would make JavaScript backtrack without end is matched at once', (t) => {
  const expression = compilePattern('^(a+)+$');
  if (typeof expression === 'string') return t.fail(expression);
  t.false(expression.test(`${'a'.repeat(5_000)}!`));
  t.true(expression.test('a'.repeat(5_000)));
});

test('what is no pattern is refused with the text of Go', (t) => {
  t.is(compilePattern('a(b'), 'error parsing regexp: missing closing ): `a(b`');
  t.is(compilePattern('(?=a)'), 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`');
});

test('finding gives the matches from the left, as many as wanted', (t) => {
  const expression = compilePattern('[[:digit:]]+');
  if (typeof expression === 'string') return t.fail(expression);
  t.deepEqual(expression.find('a1b22c333', 2), ['1', '22']);
  t.deepEqual(expression.find('none', 9), []);
});

import test from 'ava';
import { escapedName } from './index.ts';

const escapes: readonly (readonly [field: string, escaped: string | undefined])[] = [
  ['plain', 'plain'],
  ['with-dash', 'with__dash__dash'],
  ['a.b', 'a__dot__b'],
  ['a/b', 'a__slash__b'],
  ['a__b', 'a__underscores__b'],
  ['if', '__if__'],
  ['$x', undefined],
];

test('fields that expressions cannot spell have other names', (t) => {
  for (const [field, escaped] of escapes) t.is(escapedName(field), escaped, field);
});

import test from 'ava';
import { fnv1a, fnv1aOfCodePoints } from './fnv.ts';

test('texts of ASCII hash to the published FNV-1a values', (t) => {
  t.is(fnv1a(''), 0x811c9dc5);
  t.is(fnv1a('a'), 0xe40c292c);
  t.is(fnv1a('foobar'), 0xbf9cf968);
});

test('another seed gives another function', (t) => {
  t.not(fnv1a('a', 1), fnv1a('a'));
});

test('code points and UTF-16 units differ outside the basic plane only', (t) => {
  t.is(fnv1aOfCodePoints('grüße'), fnv1a('grüße'));
  t.not(fnv1aOfCodePoints('🚢'), fnv1a('🚢'));
});

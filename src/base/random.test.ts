import test from 'ava';
import { nameSuffix, seededRandom } from './random.ts';

test('the same seed gives the same values, another seed others', (t) => {
  const draw = (seed: number): string => seededRandom(seed).uuid();
  t.is(draw(7), draw(7));
  t.not(draw(7), draw(8));
});

test('values keep within their bounds', (t) => {
  const random = seededRandom(1);
  for (let i = 0; i < 1_000; i++) {
    const whole = random.below(3);
    t.true(Number.isInteger(whole) && whole >= 0 && whole < 3);
    const fraction = random.fraction();
    t.true(fraction >= 0 && fraction < 1);
  }
  t.is(random.bytes(5).length, 5);
});

test('a UUID is one of version 4', (t) => {
  t.regex(seededRandom(3).uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('a suffix of a generated name has the letters that Kubernetes uses', (t) => {
  t.regex(nameSuffix(seededRandom(1)), /^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

import test from 'ava';
import fc from 'fast-check';
import { deepFreeze } from '../../api/index.ts';
import { decodeBody, valueBody } from './body.ts';

const context = { fieldValidation: 'Ignore', warn: () => undefined } as const;
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined | null> =>
  fc.oneof(value, fc.constant(undefined), fc.constant(null));
const labels = fc.dictionary(fc.string({ maxLength: 5 }), maybe(fc.string({ maxLength: 5 })), { maxKeys: 4 });
const container = fc.record({
  name: fc.string({ maxLength: 5 }),
  image: maybe(fc.string({ maxLength: 5 })),
  args: maybe(fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 })),
  env: maybe(fc.array(fc.record({ name: fc.string({ maxLength: 3 }), value: maybe(fc.string({ maxLength: 3 })) }))),
  unknown: maybe(fc.integer()),
});
const pod = fc.record({
  kind: maybe(fc.constant('Pod')),
  apiVersion: maybe(fc.constant('v1')),
  metadata: maybe(fc.record({ name: fc.string({ maxLength: 5 }), labels: maybe(labels) })),
  spec: maybe(fc.record({ containers: fc.array(container, { maxLength: 3 }), priority: maybe(fc.integer()) })),
});
const revision = fc.record({
  metadata: fc.record({ name: fc.constant('r') }),
  revision: fc.nat(),
  data: fc.record({ spec: maybe(fc.dictionary(fc.string({ maxLength: 3 }), maybe(fc.jsonValue()))) }),
});

/** All objects within a value. */
function partsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
}

for (const [type, values] of [
  ['core/v1.Pod', pod],
  ['apps/v1.ControllerRevision', revision],
] as const)
  test(`a ${type} that comes as a value is read as its JSON would be, and shares no part with it`, (t) => {
    fc.assert(
      fc.property(values as fc.Arbitrary<unknown>, (value) => {
        deepFreeze(value);
        const asValue = decodeBody(valueBody(value), type, context);
        const text = JSON.stringify(value);
        const asText = decodeBody(
          { contentType: 'application/json', bytes: new TextEncoder().encode(text) },
          type,
          context,
        );
        t.is(JSON.stringify(asValue), JSON.stringify(asText));
        const given = new Set(partsOf(value));
        t.false(partsOf(asValue).some((part) => given.has(part)));
      }),
      { numRuns: 200 },
    );
  });

test('a value that makes no sense is refused with the words that its text would get', (t) => {
  const refusal = (value: unknown, text: boolean): string | undefined => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const body = text ? { contentType: 'application/json', bytes } : valueBody(value);
    return t.throws(() => decodeBody(body, 'core/v1.Pod', context)).message;
  };
  for (const value of [[], 'text', { kind: 1 }, { kind: 'Node' }, { spec: { containers: 'none' } }])
    t.is(refusal(value, false), refusal(value, true));
});

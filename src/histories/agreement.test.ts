import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { isLinearisableByTrying } from './exhaustive.fixture.ts';
import { type KeyAction, keyModel } from './key-model.ts';
import { checkLinearisable, type Operation } from './linearisability.ts';

/** Two implementations that share only the model judge the same histories: a mistake in one of them shows. */
const folder = new URL('./testdata/', import.meta.url);
const file = new URL('histories.json', folder);
const recorded = 100;

/** Of two keys with two values each, so that most results fit some order and many do not. */
const key = fc.constantFrom('x', 'y');
const value = fc.constantFrom('a', 'b');
const maybe = fc.option(value, { nil: undefined });
const action: fc.Arbitrary<KeyAction> = fc.oneof(
  fc.record({ key, value }).map(({ key: changed, value: written }): KeyAction => ({
    type: 'write',
    conditions: [],
    changes: [{ key: changed, value: written }],
    committed: true,
  })),
  fc
    .record({ key, from: maybe, to: maybe, committed: fc.boolean() })
    .map(({ key: changed, from, to, committed }): KeyAction => ({
      type: 'write',
      conditions: [{ key: changed, value: from }],
      changes: [to === undefined ? { key: changed } : { key: changed, value: to }],
      committed,
    })),
  fc.record({ key, found: maybe }).map(({ key: asked, found }): KeyAction => ({
    type: 'read',
    key: asked,
    found: found === undefined ? undefined : { value: found, revision: 0 },
  })),
);

/** Moments are drawn as an order of all calls and returns: none coincide. */
const history: fc.Arbitrary<readonly Operation<KeyAction>[]> = fc
  .array(fc.record({ action, at: fc.nat(1_000), lasts: fc.nat(400), answered: fc.nat(5).map((n) => n > 0) }), {
    minLength: 2,
    maxLength: 7,
  })
  .map((drawn) =>
    drawn.map(({ action: done, at, lasts, answered }, i): Operation<KeyAction> => {
      const calledAt = at * 100 + i * 2;
      return answered ? { calledAt, returnedAt: calledAt + lasts * 100 + 1, action: done } : { calledAt, action: done };
    }),
  );

const fast = (operations: readonly Operation<KeyAction>[]): boolean | 'undecided' =>
  checkLinearisable(keyModel, operations).linearisable;

/** The recorded ones: as many that an order explains as others. */
function draw(): readonly (readonly Operation<KeyAction>[])[] {
  const drawn = fc.sample(history, { numRuns: 20_000, seed: 1 });
  return [true, false].flatMap((wanted) =>
    drawn.filter((each) => isLinearisableByTrying(keyModel, each) === wanted).slice(0, recorded / 2),
  );
}

test('both checks agree on a hundred recorded histories, half of them linearisable', (t) => {
  if (process.env['REWRITE'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      file,
      `[\n${draw()
        .map((each) => JSON.stringify(each))
        .join(',\n')}\n]\n`,
    );
  }
  const histories = JSON.parse(readFileSync(file, 'utf8')) as readonly (readonly Operation<KeyAction>[])[];
  t.is(histories.length, recorded);
  const verdicts = histories.map((each) => isLinearisableByTrying(keyModel, each));
  t.is(verdicts.filter(Boolean).length, recorded / 2);
  t.deepEqual(histories.map(fast), verdicts);
});

test('both checks agree on histories that nobody has seen', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(history, (operations) => fast(operations) === isLinearisableByTrying(keyModel, operations)),
      { numRuns: 2_000 },
    );
  });
});

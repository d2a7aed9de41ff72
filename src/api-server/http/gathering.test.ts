import test from 'ava';
import fc from 'fast-check';
import { freshBuffer, gathered, gatheredBytes } from './gathering.ts';

const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: gatheredBytes - 2, max: gatheredBytes + 2 }),
    fc.integer({ min: 2 * gatheredBytes, max: 3 * gatheredBytes }),
  ),
  { maxLength: 12 },
);

test('pieces come out in order and whole, in few turns, though each turn overwrites the one before', (t) => {
  fc.assert(
    fc.property(sizes, (lengths) => {
      const pieces = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
      const buffer = freshBuffer();
      const turns = [
        ...(function* copied() {
          for (const turn of gathered(pieces, () => buffer)) yield Buffer.from(turn);
        })(),
      ];
      const size = lengths.reduce((sum, length) => sum + length, 0);
      const large = lengths.filter((length) => length > gatheredBytes).length;
      return (
        Buffer.concat(turns).equals(Buffer.concat(pieces)) &&
        turns.every((turn) => turn.byteLength <= gatheredBytes) &&
        turns.length <= (2 * size) / gatheredBytes + 2 * large + 1
      );
    }),
    { numRuns: 60 },
  );
  t.pass();
});

import test from 'ava';
import fc from 'fast-check';
import { doorHeaders, parseOpenStream, parseStreamFrame, Pieces } from './index.ts';

interface Piece {
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

let messages = 0;
const piecesOf = (text: string, count: number): Piece[] => {
  messages += 1;
  const bytes = new TextEncoder().encode(text);
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, i) => ({
    payload: bytes.subarray(i * size, (i + 1) * size),
    headers: {
      [doorHeaders.message]: String(messages),
      [doorHeaders.chunk]: String(i),
      ...(i === 0 ? { [doorHeaders.chunks]: String(count) } : {}),
    },
  }));
};
const given = (pieces: readonly Piece[]): string[] => {
  const joiner = new Pieces();
  return pieces
    .map((piece) => joiner.add(piece))
    .filter((whole) => whole !== undefined)
    .map((whole) => new TextDecoder().decode(whole));
};

test('a message comes back whole, in pieces or not, and one after the other', (t) => {
  t.deepEqual(
    given([
      { payload: new TextEncoder().encode('one'), headers: {} },
      ...piecesOf('two and more', 3),
      ...piecesOf('three', 2),
    ]),
    ['one', 'two and more', 'three'],
  );
});

test('whatever is lost, doubled or out of order: what is given out was sent, and doubles alone lose nothing', (t) => {
  const texts = ['first message', 'the second', 'third and last of them'];
  const sent = texts.flatMap((text, i) => piecesOf(text, i + 2));
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(sent.length - 1), act: fc.constantFrom('drop', 'double', 'swap') }), {
        maxLength: 6,
      }),
      (accidents) => {
        const arrived = [...sent];
        for (const { at, act } of accidents) {
          const piece = arrived[at];
          if (piece === undefined) continue;
          if (act === 'drop') arrived.splice(at, 1);
          else if (act === 'double') arrived.splice(at, 0, piece);
          else arrived.splice(at, 2, ...arrived.slice(at, at + 2).reverse());
        }
        const whole = given(arrived);
        t.true(
          whole.every((text) => texts.includes(text)),
          whole.join(' | '),
        );
        if (accidents.every(({ act }) => act === 'double')) t.deepEqual([...new Set(whole)], texts);
      },
    ),
  );
});

test('what is no frame of a stream is told from what is', (t) => {
  for (const frame of [
    { type: 'data', seq: 1, channel: 2, data: new Uint8Array(1) },
    { type: 'end', seq: 2 },
    { type: 'end', seq: 2, channel: 0 },
    { type: 'acknowledged', seq: 0 },
  ])
    t.deepEqual(parseStreamFrame(frame), frame as never);
  for (const value of [
    undefined,
    null,
    1,
    [],
    {},
    { type: 'data', seq: 1, channel: 2, data: 'text' },
    { type: 'data', seq: -1, channel: 0, data: new Uint8Array(0) },
    { type: 'data', seq: Number.NaN, channel: 0, data: new Uint8Array(0) },
    { type: 'end', seq: 1, channel: 'x' },
    { type: 'other', seq: 1 },
  ])
    t.is(parseStreamFrame(value), undefined);
});

test('what asks for no stream is told from what does', (t) => {
  const open = {
    type: 'exec',
    namespace: 'a',
    pod: 'b',
    uid: '',
    container: 'c',
    toDoor: 'd',
    command: ['ls'],
    tty: true,
  };
  t.deepEqual(parseOpenStream(open), open as never);
  for (const wrong of [
    undefined,
    [],
    {},
    { ...open, type: 'dance' },
    { ...open, pod: 1 },
    { ...open, toDoor: undefined },
    { ...open, command: 'ls' },
    { ...open, command: [1] },
    { ...open, tty: 'yes' },
    { ...open, port: 70_000 },
    { ...open, logs: 1 },
  ])
    t.is(parseOpenStream(wrong), undefined);
});

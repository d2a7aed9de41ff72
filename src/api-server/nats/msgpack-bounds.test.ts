import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../base/index.ts';
import { encode } from '../../bus/index.ts';
import { msgpackExcess } from './msgpack-bounds.ts';

test('messages within the bounds pass, whatever they hold', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      t.is(msgpackExcess(encode(value)), undefined);
    }),
  );
  t.is(msgpackExcess(encode({ text: 'x'.repeat(1_000_000), bytes: new Uint8Array(500_000).fill(0x93) })), undefined);
  t.is(msgpackExcess(encode(Array.from({ length: limits.bodyMembersMax - 10 }, () => 1.5))), undefined);
});

test('too many values or levels are told before anything is decoded', (t) => {
  const keys = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1]));
  t.like(msgpackExcess(encode(keys)), { input: 'msgpack', reason: 'values' });
  t.like(msgpackExcess(encode(Array.from({ length: 900 }, () => Array.from({ length: 900 }, () => 1)))), {
    reason: 'values',
  });
  // A list that says it has four thousand million items.
  t.like(msgpackExcess(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)), { reason: 'values' });
  t.like(msgpackExcess(new Uint8Array(5000).fill(0x91)), { reason: 'depth' });
});

test('what ends too early, or is no msgpack, is left to the decoder', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      t.notThrows(() => msgpackExcess(bytes));
    }),
  );
});

import test from 'ava';
import { noTraces, parseTraceparent, traceIdOf, traceparentOf } from './trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a trace comes back from its header', (t) => {
  t.deepEqual(parseTraceparent(traceparentOf({ traceId, spanId })), { traceId, spanId });
});

/** Headers of the W3C recommendation, and whether they name a trace. */
const headers: readonly (readonly [string | undefined, boolean])[] = [
  [undefined, false],
  [`00-${traceId}-${spanId}-00`, true],
  [` 00-${traceId}-${spanId}-01 `, true],
  [`01-${traceId}-${spanId}-01-later`, true],
  [`00-${traceId}-${spanId}-01-more`, false],
  [`ff-${traceId}-${spanId}-01`, false],
  [`00-${'0'.repeat(32)}-${spanId}-01`, false],
  [`00-${traceId}-${'0'.repeat(16)}-01`, false],
  [`00-${traceId.toUpperCase()}-${spanId}-01`, false],
];

for (const [header, good] of headers) {
  test(`the header ${header} ${good ? 'names a trace' : 'begins a new one'}`, (t) => {
    t.is(parseTraceparent(header) !== undefined, good);
  });
}

test('a UUID stands for a trace, any other id does not', (t) => {
  t.is(traceIdOf('0AF76519-16cd-43dd-8448-eb211c80319c'), traceId);
  t.is(traceIdOf('00000000-0000-0000-0000-000000000000'), undefined);
  t.is(traceIdOf('request-7'), undefined);
});

test('a scope that follows nothing runs its calls', (t) => {
  t.is(
    noTraces.step({ parent: { traceId, spanId }, what: 'x' }, () => 1),
    1,
  );
  t.is(noTraces.current(), undefined);
});

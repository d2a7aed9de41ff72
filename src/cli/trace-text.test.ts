import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { traceText } from './trace-text.ts';

test('each step is below its cause, in the order of time; a step without a cause is at the left', (t) => {
  const step = (
    spanId: string,
    parentId: string | undefined,
    at: number,
    more: object = {},
  ): Parameters<typeof traceText>[0][number] => ({
    traceId: 't',
    spanId,
    ...(parentId === undefined ? {} : { parentId }),
    process: 'm',
    what: `w${spanId}`,
    at,
    ms: 1.25,
    ...more,
  });
  const text = traceText([
    step('3', '2', 1_020),
    step('1', undefined, 1_000),
    step('4', '9', 1_030, { error: 'broken' }),
    step('2', '1', 1_010, { actor: 'a/b' }),
    step('5', '1', 1_005),
  ]);
  t.deepEqual(stripVTControlCharacters(text).split('\n'), [
    '     0 ms  w1  m, 1.3 ms',
    '     5 ms    w5  m, 1.3 ms',
    '    10 ms    a/b w2  m, 1.3 ms',
    '    20 ms      w3  m, 1.3 ms',
    '    30 ms  w4  m, 1.3 ms  broken',
  ]);
});

import test from 'ava';
import { pemBlocksOf } from './pem.ts';

const texts: readonly (readonly [
  title: string,
  text: string,
  blocks: readonly (readonly [type: string, body: string, hasHeaders: boolean])[],
])[] = [
  [
    'blocks stand between other text',
    'a\n-----BEGIN A-----\r\nAAAA\r\nBBBB\r\n-----END A-----\nb\n-----BEGIN B C-----\nAA==\n-----END B C-----',
    [
      ['A', 'AAAABBBB', false],
      ['B C', 'AA==', false],
    ],
  ],
  ['a block may have headers', '-----BEGIN A-----\nb: c\n\nAAAA\n-----END A-----', [['A', 'AAAA', true]]],
  ['a block may be empty', '-----BEGIN A-----\n-----END A-----', [['A', '', false]]],
  [
    'a block that never ends, or ends as another, is none',
    '-----BEGIN A-----\nAAAA\n-----BEGIN B-----\nAAAA\n-----END C-----',
    [],
  ],
  [
    'a block of something else than base64 is none',
    '-----BEGIN A-----\nAAA\n-----END A-----\n-----BEGIN A-----\nA=AA\n-----END A-----',
    [],
  ],
];
for (const [title, text, blocks] of texts) {
  test(title, (t) => {
    t.deepEqual(
      pemBlocksOf(btoa(text)).map(({ type, body, hasHeaders }) => [type, body, hasHeaders]),
      blocks,
    );
  });
}

test('a text that was made to be read slowly is not', (t) => {
  const size = 1024 * 1024;
  const slow = [
    `-----BEGIN A-----\n${':'.repeat(size)}-----END A-----`,
    '-----BEGIN A-----\n'.repeat(size / 16),
    `-----BEGIN A-----\n${'=\n'.repeat(size / 2)}-----END A-----`,
  ];
  const start = process.cpuUsage();
  for (const text of slow) t.deepEqual(pemBlocksOf(btoa(text)), []);
  t.true(process.cpuUsage(start).user < 5_000_000);
});

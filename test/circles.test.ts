import test from 'ava';
import { circlesOf } from '../scripts/circles.ts';

const graph = (lines: Readonly<Record<string, string>>): Map<string, string[]> =>
  new Map(Object.entries(lines).map(([file, next]) => [file, next.split(' ').filter((name) => name !== '')]));

const cases: readonly {
  readonly title: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly circles: readonly (readonly string[])[];
}[] = [
  { title: 'a tree has none', imports: { a: 'b c', b: 'd', c: 'd', d: '' }, circles: [] },
  { title: 'two files that import each other', imports: { a: 'b', b: 'a' }, circles: [['a', 'b']] },
  {
    title: 'a long way round, with a way in and a way out',
    imports: { in: 'a', a: 'b', b: 'c', c: 'a out', out: '' },
    circles: [['a', 'b', 'c']],
  },
  {
    title: 'two circles that touch in one file are one',
    imports: { a: 'b', b: 'a c', c: 'b' },
    circles: [['a', 'b', 'c']],
  },
  {
    title: 'two circles apart',
    imports: { a: 'b', b: 'a c', c: 'd', d: 'c' },
    circles: [
      ['c', 'd'],
      ['a', 'b'],
    ],
  },
];

for (const { title, imports, circles } of cases) {
  test(`circles of imports: ${title}`, (t) => {
    t.deepEqual(circlesOf(graph(imports)), circles);
  });
}

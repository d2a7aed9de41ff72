import test from 'ava';
import { valuesAt } from './index.ts';

test('paths of printer columns', (t) => {
  const root = {
    spec: {
      list: [
        { n: 'a', v: 1 },
        { n: 'b', v: 2 },
      ],
      'a.b': 3,
    },
  };
  const table: readonly (readonly [path: string, found: readonly unknown[]])[] = [
    ['.spec.list[0].v', [1]],
    ['.spec.list[*].v', [1, 2]],
    ['.spec.list[?(@.n=="b")].v', [2]],
    ['.spec.a\\.b', [3]],
    ['.spec.none', []],
  ];
  for (const [path, found] of table) t.deepEqual(valuesAt(root, path), found, path);
});

import test from 'ava';
import { treeText } from './tree-text.ts';

test('the tree shows each actor below its supervisor, with what is wrong with it', (t) => {
  const leaf = { state: 'running', restarts: 0, mailbox: 0, handled: 3, children: [] };
  const text = treeText({
    ...leaf,
    name: 'member-1',
    children: [
      {
        ...leaf,
        name: 'deployment-controller',
        children: [
          {
            ...leaf,
            name: 'default/web',
            state: 'backoff',
            restarts: 2,
            mailbox: 1,
            lastCrash: { error: 'no such key', messageType: 'wake' },
          },
        ],
      },
      { ...leaf, name: 'scheduler' },
    ],
  });
  t.deepEqual(text.replace(/\u001b\[\d+m/g, '').split('\n'), [
    'member-1',
    '├─ deployment-controller  running  3 handled',
    '│  └─ default/web  backoff  3 handled  1 waiting  2 restarts  last crash on wake: no such key',
    '└─ scheduler  running  3 handled',
  ]);
});

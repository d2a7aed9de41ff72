import test from 'ava';
import { yamlText } from './yaml-text.ts';

test('keys are in natural order and lists stand at the indentation of their key', (t) => {
  t.is(
    yamlText({ b: [{ y: 1, x: [1, 2] }, 'z'], a10: {}, a2: [], c: null }),
    'a2: []\na10: {}\nb:\n- x:\n  - 1\n  - 2\n  "y": 1\n- z\nc: null\n',
  );
});

test('texts that would read as something else are quoted', (t) => {
  const quoted = [
    '',
    'true',
    'no',
    'y',
    '1',
    '01',
    '0x10',
    '1e3',
    '1.5',
    '.5',
    '1_000',
    '10:20',
    'null',
    '~',
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    'x\ty',
  ];
  for (const text of quoted) t.is(yamlText({ k: text }), `k: ${JSON.stringify(text)}\n`);
});

test('texts that YAML would take apart stand in single quotes', (t) => {
  for (const text of ['a: b', '- a', '@x', ' lead', "'", '# c', 'a #b', '{}', '*', 'x:'])
    t.is(yamlText({ k: text }), `k: '${text.replaceAll("'", "''")}'\n`);
});

test('ordinary texts stand plain', (t) => {
  for (const text of ['.', 'a', 'f:metadata', 'a-b', 'v1.33', '<none>', '=', 'https://x/y', '1.2.3', '-x', "it's"])
    t.is(yamlText({ k: text }), `k: ${text}\n`);
});

test('several lines are a literal block that keeps its end', (t) => {
  t.is(yamlText({ k: 'a\nb\n' }), 'k: |\n  a\n  b\n');
  t.is(yamlText({ k: 'a\nb' }), 'k: |-\n  a\n  b\n');
  t.is(yamlText({ m: { k: 'a\n\n' } }), 'm:\n  k: |+\n    a\n\n');
  t.is(yamlText({ k: 'trailing \nspace' }), 'k: "trailing \\nspace"\n');
});

test('list items that are lists nest', (t) => {
  t.is(yamlText([[1, [2]], { a: [] }]), '- - 1\n  - - 2\n- a: []\n');
});

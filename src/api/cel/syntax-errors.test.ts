import test from 'ava';
import { syntaxProblems } from './syntax-errors.ts';

const operand =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** What cel-go says: where, counted from one, and what. */
const table: readonly (readonly [source: string, ...problems: string[]])[] = [
  [
    'self.x = 1',
    "8: Syntax error: token recognition error at: '= '",
    "10: Syntax error: extraneous input '1' expecting <EOF>",
  ],
  ['self.x === 1', "10: Syntax error: token recognition error at: '= '"],
  [
    'a & b',
    "3: Syntax error: token recognition error at: '& '",
    "5: Syntax error: extraneous input 'b' expecting <EOF>",
  ],
  ['true;', "5: Syntax error: token recognition error at: ';'"],
  [
    'self.a == "x',
    `11: Syntax error: token recognition error at: '"x'`,
    `13: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
  ],
  [
    '"\\q"',
    `1: Syntax error: token recognition error at: '"\\q'`,
    `4: Syntax error: token recognition error at: '"'`,
    `5: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
  ],
  ['(true', "6: Syntax error: missing ')' at '<EOF>'"],
  ['has(self.x', "11: Syntax error: missing ')' at '<EOF>'"],
  ['self.list[0', "12: Syntax error: missing ']' at '<EOF>'"],
  ['self.x > 0)', "11: Syntax error: extraneous input ')' expecting <EOF>"],
  ['a b', "3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ['a and b', "3: Syntax error: mismatched input 'and' expecting <EOF>"],
  ['a,b', "2: Syntax error: mismatched input ',' expecting <EOF>"],
  ['a &&', `5: Syntax error: mismatched input '<EOF>' expecting ${operand}`],
  ['&& a', `1: Syntax error: extraneous input '&&' expecting ${operand}`],
  ['1 + + 2', `5: Syntax error: extraneous input '+' expecting ${operand}`],
  ['x > )', `5: Syntax error: mismatched input ')' expecting ${operand}`],
  ['true ? 1', "9: Syntax error: mismatched input '<EOF>' expecting ':'"],
  ['a ? b c', "7: Syntax error: missing ':' at 'c'"],
  ['self.', "6: Syntax error: no viable alternative at input '.'"],
  ['self..x', "6: Syntax error: no viable alternative at input '..'"],
  ['self.in', "6: Syntax error: no viable alternative at input '.in'"],
  ['foo(', `5: Syntax error: mismatched input '<EOF>' expecting ${operand.replace("'(', ", "'(', ')', ")}`],
  ['foo(1 2)', "7: Syntax error: extraneous input '2' expecting ')'"],
  ['[1 2]', "4: Syntax error: extraneous input '2' expecting {']', ','}"],
  ['[1, 2', "6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
  ['{"a": 1', "8: Syntax error: mismatched input '<EOF>' expecting {'}', ','}"],
  ['{"a" 1}', "6: Syntax error: missing ':' at '1'"],
  ['{"a"}', "5: Syntax error: mismatched input '}' expecting ':'"],
  ['a[]', `3: Syntax error: mismatched input ']' expecting ${operand.replace("'!', ", "'!', '?', ")}`],
  ['1.2.3', "4: Syntax error: extraneous input '.3' expecting <EOF>"],
  ['for', '1: reserved identifier: for'],
];
for (const [source, ...problems] of table) {
  test(`${source} is no expression`, (t) => {
    t.deepEqual(
      syntaxProblems(source).map(({ text, start }) => `${start + 1}: ${text}`),
      problems,
    );
  });
}

test('what is an expression has no problems', (t) => {
  const sources = [
    'a == b == c',
    'Foo{a: 1, ?b: c,}',
    'x.?y == 1',
    'x[?"a"]',
    '[?a, 1,]',
    '{?"a": b,}',
    '{}',
    '[]',
    "r'\\d' + \"\\n\" + '\\u00e9'",
    '-1 - -1',
    '!!a',
    'a.`b-c`',
    '"""a\n"b""" + 1',
    'a // c\n + 1',
    '-(1) < 2 ? [1][0] : {"a": 2u}["a"]',
    '.a.b(c).d',
    'b"x" == b\'y\'',
    'a.b.c{}',
    '0x1F + 1e3 + .5',
    'has(a.b) && !(c in d)',
  ];
  for (const source of sources) t.deepEqual(syntaxProblems(source), [], source);
});

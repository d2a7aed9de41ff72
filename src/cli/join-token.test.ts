import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { givenToken } from './join-token.ts';
import { Problem } from './problem.ts';

const file = join(mkdtempSync(join(tmpdir(), 'troupe-token-')), 'token');
writeFileSync(file, 'abcdef.0123456789abcdef\n');

test('the token of a join is read from a file, without its line break', (t) => {
  t.is(givenToken({ tokenFile: file }), 'abcdef.0123456789abcdef');
  t.is(givenToken({ token: 'a.b' }), 'a.b');
});

for (const [what, flags, message] of [
  ['no token', {}, /--token-file FILE/],
  ['two tokens', { token: 'a.b', tokenFile: file }, /--token-file FILE/],
  ['a file that there is not', { tokenFile: `${file}.none` }, /cannot read .*\.none/],
] as const) {
  test(`${what} is a problem that says what to do`, (t) => {
    t.throws(() => givenToken(flags), { instanceOf: Problem, message });
  });
}

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { earlierBundle, lastTagged } from './earlier-bundle.ts';
import { must } from './programs.ts';

test('the earlier version is the newest tag that is behind the checked-out commit, or none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-tags-'));
  const git = (...args: readonly string[]): string =>
    must('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]).trim();
  const commit = (text: string): string => {
    git('commit', '-q', '--allow-empty', '-m', text);
    return git('rev-parse', '--short=8', 'HEAD');
  };
  git('init', '-q');
  commit('one');
  t.is(lastTagged(folder), undefined);
  git('tag', '-a', 'v0.1.0', '-m', 'first');
  const second = commit('two');
  git('tag', '-a', 'v0.2.0', '-m', 'second');
  commit('three');
  t.deepEqual(lastTagged(folder), { tag: 'v0.2.0', commit: second });
  const none = await earlierBundle(join(folder, 'troupe.js'), () => undefined);
  t.is(none, 'this program is not in a repository from which an earlier one could be built');
});

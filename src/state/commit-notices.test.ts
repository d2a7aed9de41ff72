import test from 'ava';
import { SimulatedTime } from '../platform/index.ts';
import type { LogIndex, Term } from '../base/index.ts';
import type { Message } from '../raft/core/index.ts';
import { CommitNotices } from './commit-notices.ts';

const append = (to: string, commit: number, quiet?: boolean): Message => ({
  type: 'append',
  from: 'a',
  to,
  term: 1 as Term,
  previousIndex: 0 as LogIndex,
  previousTerm: 0 as Term,
  entries: [],
  commit: commit as LogIndex,
  quiet,
});
const shown = (message: Message): string =>
  message.type === 'append' ? `${message.to} ${message.commit}` : message.type;

function fixture(): { readonly time: SimulatedTime; readonly notices: CommitNotices; readonly sent: string[] } {
  const time = new SimulatedTime(0);
  const sent: string[] = [];
  return {
    time,
    sent,
    notices: new CommitNotices(time, (message) => {
      sent.push(shown(message));
    }),
  };
}

test('a notice waits a moment, and only the newest one for a member leaves', (t) => {
  const { time, notices, sent } = fixture();
  notices.pass(append('b', 1, true));
  notices.pass(append('b', 2, true));
  notices.pass(append('c', 2, true));
  t.deepEqual(sent, []);
  time.advance(2);
  t.deepEqual(sent, ['b 2', 'c 2']);
});

test('an append takes the place of the notice that waits for its member', (t) => {
  const { time, notices, sent } = fixture();
  notices.pass(append('b', 1, true));
  notices.pass(append('b', 2));
  time.advance(10);
  t.deepEqual(sent, ['b 2']);
});

test('notices leave at once when somebody waits for them, and not at all after the end', (t) => {
  const { time, notices, sent } = fixture();
  notices.pass(append('b', 1, true));
  notices.release();
  t.deepEqual(sent, ['b 1']);
  notices.pass(append('b', 2, true));
  notices.close();
  time.advance(10);
  t.deepEqual(sent, ['b 1']);
});

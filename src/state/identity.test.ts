import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../base/index.ts';
import type { Identity } from '../raft/core/index.ts';
import { ForeignError, type KeptMark } from '../raft/wal/index.ts';
import { foundedIdentity, keptIdentity } from './identity.ts';

const ofA: Identity = { member: 'a', timeline: 'one', incarnation: 'first' };
const kept = (snapshot: Identity | undefined, log: Identity | undefined, terms: readonly [number, number] = [3, 3]) => {
  const [markTerm, term] = terms as readonly [Term, Term];
  const mark: KeptMark = {
    index: 5 as LogIndex,
    term: markTerm,
    configuration: { voters: ['a'], outgoing: [], learners: [] },
    identity: snapshot,
  };
  return keptIdentity('/store', mark, { hardState: { term, vote: '', commit: 0 as LogIndex, identity: log } });
};

test('snapshot and log of one life name it together, and the one that says more counts', (t) => {
  const joining = { ...ofA, timeline: '' };
  t.deepEqual(kept(ofA, ofA), ofA);
  t.deepEqual(kept(joining, ofA), ofA, 'a member that joined has heard of its leader since');
  t.deepEqual(kept(ofA, joining), ofA, 'its first snapshot is kept, and the log does not follow it yet');
  t.deepEqual(kept(undefined, ofA), ofA);
  t.deepEqual(kept(ofA, undefined), ofA);
  t.is(kept(undefined, undefined), undefined);
  t.is(keptIdentity('/store', undefined, { hardState: undefined }), undefined);
});

test('a snapshot of another timeline counts where a recovery ended before the log followed it', (t) => {
  const recovered = { ...ofA, timeline: 'two' };
  t.deepEqual(kept(recovered, ofA, [4, 3]), recovered);
  t.throws(() => kept(recovered, ofA, [3, 3]), { instanceOf: ForeignError });
});

test('snapshot and log of two lives, or of two members, belong to no store', (t) => {
  for (const other of [
    { ...ofA, incarnation: 'second' },
    { ...ofA, member: 'b' },
  ]) {
    t.throws(() => kept(other, ofA), { instanceOf: ForeignError, message: /timeline one, incarnation/ });
    t.throws(() => kept(ofA, other, [4, 3]), { instanceOf: ForeignError });
  }
});

test('founders begin one timeline together, each a life of its own, and whoever joins begins none', (t) => {
  const founded = (member: string, voters: readonly string[], seed: number, cluster = 'c'): Identity =>
    foundedIdentity({ member, voters, random: seededRandom(seed), cluster });
  const [a, b] = [founded('a', ['a', 'b'], 1), founded('b', ['b', 'a'], 2)];
  t.is(a.timeline, b.timeline);
  t.not(a.incarnation, b.incarnation);
  t.not(founded('a', ['a', 'b'], 1, 'another').timeline, a.timeline);
  t.not(founded('a', ['a'], 1).timeline, founded('a', ['a'], 2).timeline, 'who is alone draws a name');
  t.is(founded('a', [], 1).timeline, '');
});

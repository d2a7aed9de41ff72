import test from 'ava';
import { ownershipProblems, type ShardAct, shardActs } from './shard-acts.ts';

const act = (shard: number, epoch: number, member: string, revision?: number): ShardAct => ({
  shard,
  epoch,
  member,
  ...(revision === undefined ? {} : { revision }),
});
const line = (code: number, annotations: object): string =>
  JSON.stringify({ kind: 'Event', responseStatus: { code }, annotations });

test('writes for a shard that succeeded are acts, and nothing else in the trail is', (t) => {
  const owner = { 'troupe.dev/shard': '3', 'troupe.dev/epoch': '7', 'troupe.dev/member': 'member-1' };
  t.deepEqual(
    shardActs([
      line(201, { ...owner, 'troupe.dev/revision': '40' }),
      line(409, owner),
      line(201, owner),
      line(201, { 'troupe.dev/member': 'member-1' }),
      line(200, {}),
      JSON.stringify({ annotations: owner }),
    ]),
    [act(3, 7, 'member-1', 40), act(3, 7, 'member-1')],
  );
});

test('owners that follow one another speak for one owner at a time', (t) => {
  t.deepEqual(
    ownershipProblems([
      act(0, 2, 'b', 12),
      act(0, 1, 'a', 10),
      act(0, 1, 'a', 11),
      act(1, 1, 'b', 30),
      act(1, 1, 'b'),
      act(0, 3, 'a', 31),
      act(0, 2, 'b'),
    ]),
    [],
  );
});

test('two members that act in one epoch of a shard are found', (t) => {
  t.deepEqual(ownershipProblems([act(4, 2, 'b', 12), act(4, 1, 'a', 10), act(4, 2, 'a')]), [
    'shard 4 in epoch 2: a and b acted',
  ]);
});

test('a member that goes on in an epoch that is over is found, though nobody else acted in it', (t) => {
  t.deepEqual(ownershipProblems([act(4, 1, 'a', 10), act(4, 2, 'b', 12), act(4, 1, 'a', 13)]), [
    'shard 4: a acted in epoch 1 at revision 13, after b in epoch 2 at revision 12',
  ]);
});

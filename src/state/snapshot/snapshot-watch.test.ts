import test from 'ava';
import type { Revision } from '../../base/index.ts';
import { CompactedError, type StoreMember } from '../index.ts';
import { Members, put, remove, write } from '../membership/members.suite.ts';

/*
 * A member that was away longer than the log is kept goes on from a snapshot. Its watchers hear what happened meanwhile
 * where the snapshot's history tells it; the others hear that it is lost, since a state alone does not say what was
 * deleted.
 */
interface Scene {
  readonly members: Members;
  readonly leader: StoreMember;
  readonly lagging: StoreMember;
  /** The leader's revision while the other member is away: /k/gone exists. */
  readonly middle: Revision;
  /** Brings the member back, after a deletion of /k/gone and many other writes. */
  readonly comeBack: () => Promise<void>;
}

async function scene(historyEventsMax: number): Promise<Scene> {
  const members = new Members(['a', 'b', 'c'], {
    overrides: { snapshotEntries: 50, entriesKept: 20, history: { historyEventsMax } },
  });
  await members.startAll();
  const { name, store: leader } = members.leader();
  const behind = members.names.find((other) => other !== name) as string;
  const lagging = members.stores.get(behind) as StoreMember;
  await members.during(leader.transact(write(put('/k/gone'))));
  await members.time.run(500);
  members.cut.add(behind);
  await members.during(leader.transact(write(put('/k/meanwhile'))));
  const middle = leader.revision;
  const comeBack = async (): Promise<void> => {
    await members.during(leader.transact(write(remove('/k/gone'))));
    for (let i = 0; i < 300; i++) await members.during(leader.transact(write(put(`/k/${i % 50}`, `v${i}`))));
    members.cut.delete(behind);
    await members.time.run(5_000);
  };
  return { members, leader, lagging, middle, comeBack };
}

/** Notes what a watch hears: `put 7 /k/x`, `lost`. */
function noting(store: StoreMember, after: Revision): string[] {
  const heard: string[] = [];
  store.watch(
    { prefix: '/k/', after },
    (events) => {
      for (const { type, revision, record } of events) heard.push(`${type} ${revision} ${record.key}`);
    },
    (error) => {
      heard.push(`lost ${error.oldest}`);
    },
  );
  return heard;
}

test("where a snapshot's history reaches back, watchers hear every event, deletions among them", async (t) => {
  const { leader, lagging, middle, comeBack, members } = await scene(50_000);
  const [from, ahead] = [noting(lagging, lagging.revision), noting(lagging, middle)];
  const due = noting(leader, middle);
  await comeBack();
  t.is(lagging.revision, leader.revision);
  t.true(due.includes(`delete ${middle + 1} /k/gone`));
  t.deepEqual(ahead, due);
  t.deepEqual(from, [`put ${middle} /k/meanwhile`, ...due]);
  t.deepEqual(members.failures, []);
});

test('where it does not, they hear once that events are lost, even if they asked for a later revision', async (t) => {
  const { lagging, middle, comeBack, leader, members } = await scene(40);
  const [from, ahead] = [noting(lagging, lagging.revision), noting(lagging, middle)];
  await comeBack();
  const oldest = lagging.status().oldestRevision ?? 0;
  t.true(oldest > middle + 1);
  await members.during(leader.transact(write(put('/k/after'))));
  await members.time.run(500);
  t.deepEqual(from, [`lost ${oldest}`]);
  t.deepEqual(ahead, [`lost ${oldest}`]);
  t.throws(
    () =>
      lagging.watch(
        { prefix: '/k/', after: middle },
        () => undefined,
        () => undefined,
      ),
    { instanceOf: CompactedError },
  );
  t.deepEqual(members.failures, []);
});

test("a watch that asked for a revision which the snapshot's history still covers goes on without a gap", async (t) => {
  const { lagging, middle, comeBack, leader } = await scene(40);
  const far = (middle + 301 - 10) as Revision;
  const ahead = noting(lagging, far);
  await comeBack();
  const due = noting(leader, far);
  await Promise.resolve();
  t.is(due.length, 10);
  t.deepEqual(ahead, due);
});

test('a watch that ends or begins another one while it hears of the loss disturbs nobody', async (t) => {
  const { lagging, comeBack, leader, members } = await scene(40);
  const heard: string[] = [];
  const after = lagging.revision;
  lagging.watch(
    { prefix: '/k/', after },
    () => {
      heard.push('events');
    },
    ({ oldest }) => {
      lagging.watch(
        { prefix: '/k/', after: oldest },
        (events) => {
          for (const { revision } of events) heard.push(String(revision));
        },
        () => {
          heard.push('lost again');
        },
      );
      second.close();
    },
  );
  const second = lagging.watch(
    { prefix: '/k/', after },
    () => {
      heard.push('events of the second');
    },
    () => {
      heard.push('the second lost');
    },
  );
  await comeBack();
  await members.time.run(500);
  const oldest = lagging.status().oldestRevision ?? 0;
  t.deepEqual(
    heard,
    Array.from({ length: leader.revision - oldest }, (_, i) => String(oldest + 1 + i)),
  );
});

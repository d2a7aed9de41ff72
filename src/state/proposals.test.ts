import test from 'ava';
import { limits } from '../base/index.ts';
import { Proposals } from './proposals.ts';

test('a batch that a snapshot applied makes room, and its writer hears that the result is lost', async (t) => {
  const proposals = new Proposals('session');
  const outcomes: string[] = [];
  for (const name of ['first', 'second']) {
    proposals.add('expire', 1_000).then(
      () => {
        outcomes.push(`${name} done`);
      },
      (error: unknown) => {
        outcomes.push(`${name} ${(error as { code: string }).code}`);
      },
    );
    proposals.take(0, 0, 0);
  }
  proposals.markApplied(1);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  t.deepEqual(outcomes, ['first timeout']);
  t.is(proposals.batchesInFlight, 1);
});

test('a batch goes at once when none is on its way, and else only when half as much waits as is in flight', (t) => {
  const proposals = new Proposals('session');
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) proposals.add('expire', 1_000).catch(() => undefined);
  };
  add(1);
  t.true(proposals.shouldFlush(4));
  proposals.take(0, 0, 0);
  add(7);
  t.true(proposals.shouldFlush(4));
  t.false(proposals.shouldFlush(1), 'so many are on their way already');
  proposals.take(0, 0, 0);
  add(3);
  t.false(proposals.shouldFlush(4), 'three are less than half of eight');
  add(1);
  t.true(proposals.shouldFlush(4));
  proposals.finish(1);
  proposals.finish(2);
  t.true(proposals.shouldFlush(4));
});

test('a forgotten session hands what is in flight and what waits to a new one, in order and once', async (t) => {
  const proposals = new Proposals('old');
  const outcomes: string[] = [];
  const add = (name: string): void => {
    proposals.add('expire', 1_000).then(
      () => {
        outcomes.push(`${name} done`);
      },
      () => {
        outcomes.push(`${name} rejected`);
      },
    );
  };
  for (const name of ['first', 'second']) {
    add(name);
    proposals.take(0, 0, 5);
  }
  add('third');
  t.deepEqual(proposals.identity, { session: 'old', bornAt: 5 });
  proposals.renew('new');
  t.is(proposals.batchesInFlight, 0);
  t.is(proposals.queued, 3);
  t.truthy(proposals.take(0, 0, 300));
  t.deepEqual(proposals.identity, { session: 'new', bornAt: 300 });
  proposals.finish(1)?.(Array.from({ length: 3 }, () => ({ committed: true, revision: 2 as never, records: [] })));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  t.deepEqual(outcomes, ['first done', 'second done', 'third done']);
});

test('queued writes fail when no leader is known for long; those in flight keep their deadline', async (t) => {
  const proposals = new Proposals('session');
  const outcomes: string[] = [];
  const add = (name: string): void => {
    proposals.add('expire', 60_000).catch((error: unknown) => {
      outcomes.push(`${name} ${(error as { code: string }).code}`);
    });
  };
  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  add('flying');
  proposals.take(0, 0, 0);
  add('queued');
  for (let now = 0; now < limits.leaderlessMs; now += 50) proposals.expire(now, false);
  await settled();
  t.deepEqual(outcomes, []);
  proposals.expire(limits.leaderlessMs, true);
  for (let now = limits.leaderlessMs; now < limits.leaderlessMs * 2; now += 50) proposals.expire(now, false);
  await settled();
  t.deepEqual(outcomes, [], 'a leader in between restarts the wait');
  proposals.expire(limits.leaderlessMs * 2, false);
  await settled();
  t.deepEqual(outcomes, ['queued no-leader']);
});

test('a session is born with its first batch, and a new one counts nothing of the one before', (t) => {
  const proposals = new Proposals('one');
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) void proposals.add('expire', 1_000).catch(() => undefined);
  };
  add(10);
  proposals.take(0, 0, 5);
  add(1);
  proposals.take(0, 0, 9);
  t.deepEqual(proposals.identity, { session: 'one', bornAt: 5 });
  proposals.renew('two');
  t.is(proposals.queued, 11);
  proposals.take(0, 0, 12);
  t.deepEqual(proposals.identity, { session: 'two', bornAt: 12 });
  add(6);
  t.true(proposals.shouldFlush(2), 'six are half of the eleven on their way');
});

test('what was in flight when a snapshot no longer knew the session is unknown, and not sent again', async (t) => {
  const proposals = new Proposals('one');
  const outcomes: string[] = [];
  const add = (name: string): void => {
    proposals.add('expire', 1_000).then(
      () => outcomes.push(`${name} done`),
      (error: unknown) => outcomes.push(`${name} ${(error as { readonly code: string }).code}`),
    );
  };
  add('sent');
  proposals.take(0, 0, 5);
  add('waiting');
  proposals.reconcileSessions({ isForgotten: ({ bornAt }) => bornAt < 50, lastOf: () => 0 }, () => 'two');
  await Promise.resolve();
  await Promise.resolve();
  t.deepEqual(outcomes, ['sent timeout']);
  t.deepEqual([proposals.queued, proposals.batchesInFlight], [1, 0]);
  proposals.take(0, 0, 60);
  t.deepEqual(proposals.identity, { session: 'two', bornAt: 60 });
  proposals.reconcileSessions({ isForgotten: ({ bornAt }) => bornAt < 50, lastOf: () => 0 }, () => 'three');
  t.is(proposals.identity.session, 'two');
  t.is(proposals.batchesInFlight, 1);
});

import test from 'ava';
import { limits } from '../base/index.ts';
import { CrashPolicy, messageType } from './crash-policy.ts';
import { fixture } from './testing/actor-fixture.ts';

const causeOf = (policy: CrashPolicy): CrashPolicy['cause'] => policy.cause;
const restart = { restartsMax: 2, withinMs: 1_000, backoffMs: 10, backoffMsMax: 40 };

test('an actor is restarted with growing pauses until its budget is spent, and then escalates', (t) => {
  const policy = new CrashPolicy({ restart });
  t.deepEqual(policy.next(0), { type: 'back-off', afterMs: 10 });
  t.deepEqual(policy.next(1), { type: 'back-off', afterMs: 20 });
  t.deepEqual(policy.next(2), { type: 'escalate' });
  t.is(policy.restarts, 2);
});

test('a parked actor rests longer after each try that failed, and is as good as new once it handled a message', (t) => {
  const whenSpent = { type: 'park', restMs: 100, restMsMax: 300 } as const;
  const policy = new CrashPolicy({ restart: { ...restart, restartsMax: 0 }, whenSpent });
  t.deepEqual(policy.next(0), { type: 'park', restMs: 100, retry: false });
  t.false(policy.rested);
  policy.endRest();
  t.true(policy.rested);
  t.deepEqual(policy.next(100), { type: 'park', restMs: 200, retry: false });
  t.deepEqual(policy.next(300), { type: 'park', restMs: 300, retry: false });
  policy.handled();
  t.deepEqual(policy.next(600), { type: 'park', restMs: 100, retry: false });
});

test('an operator who restarts an actor gives it its budget back', (t) => {
  const policy = new CrashPolicy({ restart });
  for (const now of [0, 1, 2]) policy.next(now);
  policy.forgive();
  t.is(policy.next(3).type, 'back-off');
});

test('a restart that does not follow at once no longer belongs to the request that crashed the actor', (t) => {
  const cause = { traceId: 'a', spanId: 'b' };
  const slow = new CrashPolicy({ restart: { ...restart, backoffMs: limits.traceTimerMs, backoffMsMax: 60_000 } });
  slow.cause = cause;
  slow.next(0);
  t.is(causeOf(slow), undefined);
  const quick = new CrashPolicy({ restart: { ...restart, backoffMs: 0 } });
  quick.cause = cause;
  quick.next(0);
  t.is(causeOf(quick), cause);
});

test('each crash is recorded with its count and announced', (t) => {
  const { system } = fixture();
  const policy = new CrashPolicy({});
  const actor = { address: 'a/b', environment: system.environment };
  policy.record(new Error('one'), actor, { message: { type: 'sync' } });
  const second = policy.record(new Error('two'), actor);
  t.like(second, { address: 'a/b', messageType: '(start)', error: 'two', count: 2 });
  t.deepEqual(
    system.crashes().map(({ messageType: type, count }) => [type, count]),
    [
      ['sync', 1],
      ['(start)', 2],
    ],
  );
});

test('a message without a type is named by what it is', (t) => {
  t.deepEqual(
    [messageType({ type: 'x' }), messageType('x'), messageType(1), messageType(undefined)],
    ['x', 'string', 'number', '(start)'],
  );
});

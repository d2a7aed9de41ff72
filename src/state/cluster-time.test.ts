import test from 'ava';
import type { Clock } from '../base/index.ts';
import { Members, put, write } from './membership/members.suite.ts';
import type { StoreMember } from './index.ts';

const minutes = 60_000;

/** Three members, the clock of one of them off by so much; it leads, or follows. */
async function wrongClock(offMs: number, role: 'leader' | 'follower') {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  const { time } = members;
  const clock: Clock = { now: () => time.now() + offMs, monotonic: () => time.monotonic() };
  await members.start('a', { clock });
  await members.start('b');
  await members.start('c');
  await time.run(3_000);
  const wrong = members.stores.get('a') as StoreMember;
  if (role === 'leader') await members.during(wrong.members.transferLeadership('a'));
  else if (members.leader().name === 'a') await members.during(wrong.members.transferLeadership('b'));
  return { members, wrong };
}

for (const role of ['leader', 'follower'] as const)
  for (const offMs of [6 * minutes, -6 * minutes])
    test(`a ${role} with a clock ${offMs / minutes} minutes off ends no past and no key early`, async (t) => {
      const { members, wrong } = await wrongClock(offMs, role);
      t.is(wrong.status().role, role);
      const right = members.stores.get('c') as StoreMember;
      const expiresAt = members.time.now() + 4 * minutes;
      for (let second = 0; second < 120; second++) {
        const key = `/k/${second}`;
        await members.during((second % 2 === 0 ? wrong : right).transact(write(put(key))));
        if (second === 0) await members.during(wrong.transact(write(put('/lease', 'v', { expiresAt }))));
        await members.time.run(1_000);
      }
      for (const store of members.stores.values()) t.is(store.status().oldestRevision, 1);
      t.true(right.get('/lease') !== undefined);
      await members.time.run(2 * minutes + 1_000);
      t.is(right.get('/lease'), undefined, 'it expires in time');
      // Six minutes on, the past of then has ended on all members.
      for (let second = 0; second < 250; second++) {
        await members.during((second % 2 === 0 ? wrong : right).transact(write(put('/k/more'))));
        await members.time.run(1_000);
      }
      for (const store of members.stores.values()) t.true((store.status().oldestRevision ?? 0) > 1);
    });

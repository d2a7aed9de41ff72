import test from 'ava';
import type { FaultSpec } from '../scenario/scenario.ts';
import { chosen } from './fault.ts';

const spec = (victim: string): FaultSpec => ({ fault: 'kill', strikes: 'member', victim, forMs: 0, amount: 0 });
const victims = [
  { name: 'member-3', pids: [3], leader: false },
  { name: 'member-1', pids: [1], leader: true },
  { name: 'member-2', pids: [], leader: false },
];
const nameOf = (victim: string, pick: number): string => chosen(victims, { spec: spec(victim), pick }).name;

test('the same pick takes the same victim, whatever order they come in; what does not run is none', (t) => {
  t.is(nameOf('any', 0), 'member-1');
  t.is(nameOf('any', 1), 'member-3');
  t.is(nameOf('any', 2), 'member-1');
  t.is(chosen(victims.toReversed(), { spec: spec('any'), pick: 1 }).name, 'member-3');
});

test('leaders, followers and names are found; where there is none, that is said', (t) => {
  t.is(nameOf('leader', 5), 'member-1');
  t.is(nameOf('follower', 5), 'member-3');
  t.is(nameOf('member-3', 5), 'member-3');
  t.throws(() => nameOf('member-2', 0), { message: 'there is no member (member-2) to strike just now' });
});

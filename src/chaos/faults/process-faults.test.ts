import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { alive } from '../../main/index.ts';
import { systemTimers } from '../../platform/index.ts';
import type { ApiClient } from '../clients/api-client.ts';
import type { TroupeHome } from '../targets/troupe-home.ts';
import type { FaultContext } from './fault.ts';
import { faultContext } from './fault.fixture.ts';
import { keepDead } from './process-faults.ts';

/** A process that would last; it ends with the test. */
function sleeper(t: ExecutionContext): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.pid === undefined) throw new Error('no process was made');
  return child as ChildProcess & { readonly pid: number };
}

/** The kernel's letter: `S` sleeps, `T` stands still. */
const stateOf = (pid: number): string | undefined =>
  /^\d+ \(sleep\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

function contextOf(keeper: number | undefined): FaultContext {
  const context = faultContext({}, {} as ApiClient);
  const home = { keeper: () => keeper } as unknown as TroupeHome;
  return {
    ...context,
    target: { ...context.target, home },
    timers: systemTimers,
    now: () => performance.now(),
  };
}

test('a victim is dead, and its keeper starts nothing, until the fault ends', async (t) => {
  const [keeper, victim] = [sleeper(t), sleeper(t)];
  const context = contextOf(keeper.pid);
  const dead = { name: 'm', pids: [victim.pid], leader: false };
  const seen: unknown[] = [];
  const { end, ...effect } = await keepDead(context, dead, () => {
    seen.push(alive(victim.pid), stateOf(keeper.pid));
    return Promise.resolve('why');
  });
  t.deepEqual(seen, [false, 'T']);
  t.deepEqual(effect, { victim: 'm', proof: 'why' });
  await end();
  t.not(stateOf(keeper.pid), 'T');
});

test('a fault that fails half-way lets the keeper go on', async (t) => {
  const [keeper, victim] = [sleeper(t), sleeper(t)];
  const dead = { name: 'm', pids: [victim.pid], leader: false };
  await t.throwsAsync(
    keepDead(contextOf(keeper.pid), dead, () => Promise.reject(new Error('no disk'))),
    { message: 'no disk' },
  );
  t.not(stateOf(keeper.pid), 'T');
});

test('what no keeper would start again is not struck', async (t) => {
  const victim = sleeper(t);
  const dead = { name: 'm', pids: [victim.pid], leader: false };
  await t.throwsAsync(
    keepDead(contextOf(undefined), dead, () => Promise.resolve('')),
    { message: 'm has no keeper that would start it again' },
  );
  t.true(alive(victim.pid));
});

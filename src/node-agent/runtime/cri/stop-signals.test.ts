import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { systemTimers } from '../../../platform/index.ts';
import { signalAndWait, signalNumber } from './stop-signals.ts';

for (const [name, number] of [
  ['SIGTERM', 15],
  ['SIGCLD', 17],
  ['SIGCHLD', 17],
  ['SIGPOLL', 29],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+15', 49],
  ['SIGRTMAX-14', 50],
  ['SIGRTMAX', 64],
  ['SIGNONE', undefined],
  ['', undefined],
] as const)
  test(`'${name}' has the number ${number}`, (t) => {
    t.is(signalNumber(name), number);
  });

test('a process gets its signal, and its end is waited for', async (t) => {
  const child = spawn('sleep', ['1000']);
  const ended = once(child, 'exit');
  await signalAndWait(systemTimers, child.pid ?? 0, { signal: 'SIGUSR1', graceMs: 60_000 });
  t.deepEqual(await ended, [null, 'SIGUSR1']);
  await t.notThrowsAsync(signalAndWait(systemTimers, child.pid ?? 0, { signal: 'SIGUSR1', graceMs: 60_000 }));
});

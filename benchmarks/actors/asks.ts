/** Measures asks between members beside bare NATS requests. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { resourceAddress, soleOwner } from '../../src/actors/index.ts';
import { connectNats, encode, startNatsServer } from '../../src/bus/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import { systemTimers } from '../../src/platform/index.ts';
import { freePort } from '../../src/platform/free-port.ts';
import { newDirectory, newSystem } from './system.ts';

export interface AskTimes {
  /** ms of each ask of an actor on another member. */
  readonly asks: readonly number[];
  /** ms of each bare NATS request to the same process. */
  readonly requests: readonly number[];
}

/** One ask at a time across two processes and a real nats-server; bare requests alternate with them. */
export async function askTimes(folder: string, count: number): Promise<AskTimes> {
  const token = 'bench';
  const nats = await startNatsServer({
    program: 'nats-server',
    host: '127.0.0.1',
    port: await freePort('127.0.0.1'),
    authorization: { type: 'token', token },
    folder,
    logFile: join(folder, 'nats.log'),
    timers: systemTimers,
    log: silentLogger,
  });
  const other = spawn(process.execPath, [join(import.meta.dirname, 'peer-member.ts'), nats.url, token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await new Promise<void>((resolve) => {
      other.stdout.once('data', () => {
        resolve();
      });
    });
    const bus = await connectNats({ servers: [nats.url], token, name: 'member-1' });
    const directory = newDirectory(newSystem('member-1'), bus, {
      ...soleOwner('member-1', 32),
      ownerOf: () => 'member-2',
    });
    const times = { asks: [] as number[], requests: [] as number[] };
    const payload = encode({ type: 'state' });
    for (let i = 0; i < count; i++) {
      const ref = directory.ref(resourceAddress('configmaps', { namespace: 'default', name: `c${i % 500}` }, 32));
      const asked = await timed(() => ref.ask({ type: 'state' }, { deadlineMs: 2_000 }));
      const requested = await timed(() => bus.request('bench.echo', payload, { deadlineMs: 2_000 }));
      // Compiled code and connections settle first.
      if (i < count / 10) continue;
      times.asks.push(asked);
      times.requests.push(requested);
    }
    await bus.close();
    return times;
  } finally {
    other.kill('SIGKILL');
    await nats.stop();
  }
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await call();
  return performance.now() - began;
}

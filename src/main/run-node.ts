import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createActorSystem } from '../actors/index.ts';
import { createNodeTokens } from '../api-server/index.ts';
import { assertLimits, errorMessage } from '../base/index.ts';
import { connectNats } from '../bus/index.ts';
import { MetricsRegistry, openLogger, systemClock, systemRandom, systemTimers } from '../platform/index.ts';
import { type Home, removeNote, writeNote } from './home.ts';
import { readNatsFile } from './nats-file.ts';
import { startNode } from './node.ts';
import { machineAddresses } from './pki.ts';
import { processFigures } from './process-figures.ts';
import type { Settings } from './settings.ts';
import { reportNode } from './supervision.ts';

export interface RunNodeOptions {
  readonly home: Home;
  readonly settings: Settings;
  readonly name: string;
}

/** A node's process on the member's machine, from start to the signal that ends it. */
export async function runNode({ home, settings, name }: RunNodeOptions): Promise<void> {
  assertLimits();
  const log = openLogger({ level: settings.logLevel, file: join(home.logs, `${name}.log`) });
  const metrics = new MetricsRegistry();
  const fail = (error: unknown): void => {
    log.error('an unexpected failure; the agent ends and is started anew', { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined });
    process.exit(1);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  const system = createActorSystem({ name, clock: systemClock, timers: systemTimers, log, metrics });
  system.onFailure((record) => { fail(new Error(`${record.address}: ${record.error}`)); });
  const { servers, token } = readNatsFile(home);
  const bus = await connectNats({ servers, token, name });
  const issueToken = createNodeTokens({ signing: { privateKey: readFileSync(join(home.pki, 'service-account.key'), 'utf8') }, clock: systemClock, random: systemRandom });
  const node = await startNode({ system, bus, log, metrics }, { name, home, settings, address: machineAddresses()[0] ?? '127.0.0.1', issueToken });
  const reporter = reportNode({ system, bus, clock: systemClock, timers: systemTimers }, { name, cluster: settings.cluster, figures: processFigures(home.data) });
  writeNote(home, { role: 'node', name, pid: process.pid, startedAt: new Date(systemClock.now()).toISOString() });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  reporter.close();
  await node.stop();
  await bus.close();
  await system.stop();
  removeNote(home, { role: 'node', name });
  process.exit(0);
}

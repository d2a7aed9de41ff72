/** The node's process, from start to the signal that ends it. */
import { assertLimits, type Logger } from '../../base/index.ts';
import { type Bus, subjectsOf } from '../../bus/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { startReporter } from '../../supervision/index.ts';
import {
  defaultFamily,
  type Home,
  openProcess,
  processFigures,
  removeNote,
  type Settings,
  stopSignal,
  writeNote,
} from '../process/index.ts';
import { startNode } from './node.ts';
import { joinedNode, keepNodeCertificate, machineAddresses } from '../keys/index.ts';
import { joinedKeys, type JoinedKeys } from './joined-keys.ts';
import { keepNatsServers } from './nats-servers.ts';
import { nodeBus, signedToken, signingKey } from './node-connection.ts';

interface RunNodeOptions {
  readonly home: Home;
  readonly settings: Settings;
  readonly name: string;
  /** Log to standard error instead of the home. */
  readonly foreground?: boolean | undefined;
}

/** Runs a node beside a member or on a machine of its own. */
export async function runNode({ home, settings, name, foreground = false }: RunNodeOptions): Promise<void> {
  assertLimits();
  const { log, metrics, traces, system } = openProcess({ name, home, settings, foreground });
  const { bus, token, joined } = await connect({ home, settings, name }, log);
  const own = machineAddresses(defaultFamily(settings.network))[0] ?? '127.0.0.1';
  const address = settings.address === '' ? own : settings.address;
  const node = await startNode(
    { system, bus, log, metrics, traces, renderMetrics: () => metrics.render() },
    {
      ...{ name, home, settings, address, token, joined },
      apiServer: joined === undefined ? { host: address, port: settings.apiPort } : undefined,
    },
  );
  const servers =
    joined === undefined
      ? undefined
      : keepNatsServers({ bus, timers: systemTimers, log }, { home, cluster: settings.cluster, token });
  const reporter = startReporter({
    process: name,
    role: 'node',
    system,
    bus,
    subjects: subjectsOf(settings.cluster),
    clock: systemClock,
    timers: systemTimers,
    figures: processFigures(home.data),
    traces,
    levels: log,
  });
  writeNote(home, { role: 'node', name, pid: process.pid, startedAt: new Date(systemClock.now()).toISOString() });
  await stopSignal();
  reporter.close();
  servers?.close();
  await node.stop();
  await bus.close();
  await system.stop();
  removeNote(home, { role: 'node', name });
  process.exit(0);
}

interface NodeConnection {
  readonly bus: Bus;
  readonly token: () => string;
  /** The keys of a node that joined from another machine; undefined beside a member. */
  readonly joined: JoinedKeys | undefined;
}

/** A node that joined shows its certificate; one beside a member signs its token with the cluster's key. */
async function connect({ home, settings, name }: RunNodeOptions, log: Logger): Promise<NodeConnection> {
  const certificate = joinedNode(home) !== undefined ? keepNodeCertificate(home, settings.cluster) : undefined;
  const token = certificate?.token ?? (await signedToken(name, () => signingKey(home), log));
  const bus = await nodeBus(home, { name, token, settings });
  const renewal = { bus, log, name, days: settings.node.certificateDays };
  certificate?.renew(renewal);
  return { bus, token, joined: certificate === undefined ? undefined : joinedKeys(home, { certificate, renewal }) };
}

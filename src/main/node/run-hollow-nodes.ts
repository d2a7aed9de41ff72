/** The process of the hollow nodes: many agents whose containers are records in memory, for sizing a control plane. */
import { createActorSystem } from '../../actors/index.ts';
import { parseCidr } from '../../api/index.ts';
import { assertLimits } from '../../base/index.ts';
import { type NodeAgent, nodeRangesIn } from '../../node-agent/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import {
  type Home,
  networkRanges,
  openProcess,
  removeNote,
  type RunningProcess,
  type Settings,
  stopSignal,
  writeNote,
} from '../process/index.ts';
import { nodeBus, signedToken, signingKey } from './node-connection.ts';
import { keyCheckMs } from './node-token.ts';
import { startNode } from './node.ts';

/** The name of the process; its files in run/ and logs/ are called so. */
export const hollowNodes = 'hollow-nodes';

/** How many there can be: each has an address, and a range of the cluster's. */
export function hollowNodesMax({ network }: Settings): number {
  const rooms = networkRanges(network).podCidrs.flatMap((range) => parseCidr(range) ?? []);
  return Math.min(2 ** 17 - 2, ...rooms.map((room) => Number(nodeRangesIn(room))));
}

/** So many register at the same time: a control plane sees real ones come one after the other, too. */
const startsMax = 8;

interface HollowOptions {
  readonly home: Home;
  readonly settings: Settings;
  /** How many; they are called hollow-1 and on. */
  readonly count: number;
}

/**
 * Runs them until the process is asked to stop. Each is a node of its own to the control plane: with its credentials
 * and connection, its Lease, its pods and their statuses (the hollow nodes of Kubernetes' kubemark). Only the
 * containers are none, and so nothing answers at a pod's address.
 */
export async function runHollowNodes({ home, settings, count }: HollowOptions): Promise<void> {
  assertLimits();
  const running = openProcess({ name: hollowNodes, home, settings, foreground: false });
  const { log } = running;
  const begin = hollowNode(home, hollowSettings(settings), running);
  const asked = stopSignal();
  const started: Started[] = [];
  let next = 1;
  const starter = async (): Promise<void> => {
    while (next <= count) {
      const node = await begin(next++);
      started.push(node);
      await node.agent.ready;
    }
  };
  writeNote(home, {
    role: hollowNodes,
    name: hollowNodes,
    pid: process.pid,
    startedAt: new Date(systemClock.now()).toISOString(),
  });
  const from = systemClock.monotonic();
  Promise.all(Array.from({ length: startsMax }, starter)).then(
    () => {
      log.info('the hollow nodes serve', { count, ms: Math.round(systemClock.monotonic() - from) });
    },
    (error: unknown) => {
      running.fail('a hollow node failed to start', error);
    },
  );
  await asked;
  await Promise.all(started.map(({ stop }) => stop()));
  await running.system.stop();
  removeNote(home, { role: hollowNodes, name: hollowNodes });
  process.exit(0);
}

interface Started {
  readonly agent: NodeAgent;
  stop(): Promise<void>;
}

/** The settings of a node without a machine: no containers, no volumes on disk. */
const hollowSettings = (settings: Settings): Settings => ({
  ...settings,
  node: { ...settings.node, runtime: 'simulated', staticPodPath: '', port: 0 },
  storage: { localVolumes: false, defaultClass: false },
});

/** Of the range for measurements (RFC 2544), which no network leads anywhere: 198.18.0.1 and on. */
const hollowAddress = (number: number): string => `198.${18 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;

/** A function that starts one node, by its number, with a token that is signed with the cluster's key. */
function hollowNode(
  home: Home,
  settings: Settings,
  { log, metrics, traces }: RunningProcess,
): (number: number) => Promise<Started> {
  const key = sharedKey(home);
  return async (number) => {
    const name = `hollow-${number}`;
    const token = await signedToken(name, key, log);
    const bus = await nodeBus(home, { name, token, settings, patient: true });
    // Each has the tree of its own node: actors of one name stand in every one.
    const system = createActorSystem({ name, clock: systemClock, timers: systemTimers, log, metrics, traces });
    const agent = await startNode(
      { system, bus, log, metrics, traces },
      { name, home, settings, token, address: hollowAddress(number), hollow: true },
    );
    const stop = async (): Promise<void> => {
      await agent.stop();
      await bus.close();
      await system.stop();
    };
    return { agent, stop };
  };
}

/** The key that signs, read for all of them as often as one would look for a new one. */
function sharedKey(home: Home): () => string {
  let key = signingKey(home);
  systemTimers.every(keyCheckMs, () => {
    key = signingKey(home);
  });
  return () => key;
}

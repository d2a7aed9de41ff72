/** The checks behind /livez, /readyz and /healthz. */
import type { HealthCheck } from '../../api-server/index.ts';
import type { Bus } from '../../bus/index.ts';
import { ownersOf, schedulerShard } from '../../shards/index.ts';
import type { Store } from '../../state/index.ts';

/** A replica that lags by at most this many committed log entries counts as up to date. */
const behindEntriesMax = 10_000;

interface HealthPorts {
  readonly store: Store;
  readonly bus: Bus;
  /** The member was asked to stop. */
  readonly stopping: () => boolean;
}

/**
 * Named as kube-apiserver's where it has the same: `etcd` is the store, answering a linearizable read. What a restart
 * does not help only holds traffic back (/readyz).
 */
export function healthChecks({ store, bus, stopping }: HealthPorts): readonly HealthCheck[] {
  let connected = true;
  bus.onStatus((status) => {
    connected = status === 'connected';
  });
  const ready = { endpoints: ['readyz'] } as const;
  const demand = (holds: boolean, reason: string): void => {
    if (!holds) throw new Error(reason);
  };
  return [
    { name: 'ping', check: () => undefined },
    { name: 'etcd', check: () => store.readBarrier() },
    {
      name: 'disk',
      check: () => {
        demand(
          store.status().alarms?.some(({ type }) => type === 'disk-full') !== true,
          'the disk of the store is full',
        );
      },
    },
    { name: 'etcd-readiness', ...ready, check: () => store.readBarrier() },
    {
      name: 'raft-leader',
      ...ready,
      check: () => {
        demand(store.status().leader !== undefined, 'no leader is known');
      },
    },
    {
      name: 'nats',
      ...ready,
      check: () => {
        demand(connected, 'the connection to NATS is lost');
      },
    },
    {
      name: 'informer-sync',
      ...ready,
      check: () => {
        const { commitIndex, appliedIndex } = store.status();
        demand(
          commitIndex - appliedIndex <= behindEntriesMax,
          `this replica is ${commitIndex - appliedIndex} entries behind`,
        );
      },
    },
    {
      name: 'shutdown',
      ...ready,
      check: () => {
        demand(!stopping(), 'the member stops');
      },
    },
  ];
}

interface ComponentPorts {
  readonly store: Store;
  /** The members that are heard. */
  readonly alive: () => readonly string[];
}

/** The parts of a cluster by the names that Kubernetes' clients know: the store, and those who work on its shards. */
export function componentChecks({ store, alive }: ComponentPorts): readonly HealthCheck[] {
  const worked = (counts: (shard: number) => boolean): void => {
    const members = new Set(alive());
    const idle = ownersOf(store).flatMap((row, shard) =>
      counts(shard) && (row === undefined || !members.has(row.owner)) ? [shard] : [],
    );
    if (idle.length > 0)
      throw new Error(`no member works on ${idle.length === 1 ? 'shard' : 'shards'} ${idle.join(', ')}`);
  };
  return [
    {
      name: 'controller-manager',
      check: () => {
        worked(() => true);
      },
    },
    {
      name: 'scheduler',
      check: () => {
        worked((shard) => shard === schedulerShard);
      },
    },
    { name: 'etcd-0', check: () => store.readBarrier() },
  ];
}

import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { NatsConnections } from '../../bus/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { removedNodes } from '../../api-server/index.ts';
import type { Shards } from '../../shards/index.ts';
import type { Store } from '../../state/index.ts';

export interface ConnectionCarePorts {
  readonly store: Pick<Store, 'status'>;
  readonly view: ResourceView;
  readonly shards: Pick<Shards, 'onGone'>;
  readonly connections: NatsConnections;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * A server may ask a member that has not heard of the removal yet: the connection is ended again, should it have come
 * back.
 */
const againMs = 5_000;

/**
 * Ends NATS connections that must not go on, while this member leads: those of a member that fell silent, since queue
 * groups would go on sending to it, and those of nodes that were removed.
 */
export function careForConnections({ store, view, shards, connections, timers, log }: ConnectionCarePorts): {
  close(): void;
} {
  const end = (whose: string, matches: Parameters<NatsConnections['end']>[0]): void => {
    connections.end(matches).then(
      (count) => {
        if (count > 0) log.info('connections to NATS were ended', { whose, count });
      },
      (error: unknown) => {
        log.warn('connections to NATS could not be ended', { whose, error: errorMessage(error) });
      },
    );
  };
  const stopGone = shards.onGone((member) => {
    end(member, ({ name, user }) => user === undefined && name === member);
  });
  let known = namesIn(view);
  const stopRemoved = view.onChange((change) => {
    // Reading the object parses it, so that comes last.
    if (
      change.resource.resource !== 'configmaps' ||
      (change.facts?.object.index.fields['metadata.name'] ?? change.object.metadata.name) !== removedNodes.name ||
      change.object.metadata.namespace !== removedNodes.namespace
    )
      return;
    const now = namesIn(view);
    const fresh = Object.keys(now).filter((name) => now[name] !== known[name]);
    known = now;
    if (fresh.length === 0 || store.status().role !== 'leader') return;
    const users = new Set(fresh.map((name) => `system:node:${name}`));
    const once = (): void => {
      end(fresh.join(', '), ({ user }) => user !== undefined && users.has(user));
    };
    once();
    timers.after(againMs, once);
  });
  return {
    close: () => {
      stopGone();
      stopRemoved();
    },
  };
}

function namesIn(view: ResourceView): Readonly<Record<string, string>> {
  return (
    view.get<{ readonly data?: Readonly<Record<string, string>> }>(
      { group: '', resource: 'configmaps' },
      removedNodes.namespace,
      removedNodes.name,
    )?.data ?? {}
  );
}

/** Ends NATS connections whose member fell silent or whose node was removed. */
import { resources } from '../../api/index.ts';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { NatsConnections } from '../../bus/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import type { Store } from '../../state/index.ts';
import { removedNodes } from '../auth/index.ts';

interface ConnectionEvictionPorts {
  readonly store: Pick<Store, 'status'>;
  readonly view: ResourceView;
  /** Calls the listener with the name of each member that fell silent; returns what ends that. */
  readonly onMemberGone: (listener: (member: string) => void) => () => void;
  readonly connections: NatsConnections;
  readonly timers: Timers;
  readonly log: Logger;
}

/** A member that has not heard of the removal yet may let the node in again, so its connections are ended twice. */
const repeatMs = 5_000;

/**
 * Evicts while this member leads: connections of a silent member, since queue groups would go on sending to it, and
 * those of removed nodes.
 */
export function evictConnections(ports: ConnectionEvictionPorts): { close(): void } {
  const { store, view, connections, timers, log } = ports;
  const end = (whose: string, matches: Parameters<NatsConnections['end']>[0]): void => {
    connections.end(matches).then(
      (count) => {
        if (count > 0) log.info('ended connections to NATS', { whose, count });
      },
      (error: unknown) => {
        log.warn('cannot end connections to NATS', { whose, error: errorMessage(error) });
      },
    );
  };
  const stopGone = ports.onMemberGone((member) => {
    end(member, ({ name, user }) => user === undefined && name === member);
  });
  let known = removedIn(view);
  const stopRemoved = view.onChange((change) => {
    if (!isRemovedNodes(change)) return;
    const now = removedIn(view);
    const fresh = Object.keys(now).filter((name) => now[name] !== known[name]);
    known = now;
    if (fresh.length === 0 || store.status().role !== 'leader') return;
    const users = new Set(fresh.map((name) => `system:node:${name}`));
    const once = (): void => {
      end(fresh.join(', '), ({ user }) => user !== undefined && users.has(user));
    };
    once();
    timers.after(repeatMs, once);
  });
  return {
    close: () => {
      stopGone();
      stopRemoved();
    },
  };
}

/** Reading the object parses it, even by taking it out of the parameter, so its namespace comes last. */
function isRemovedNodes(change: ObjectChange): boolean {
  return (
    change.resource.resource === 'configmaps' &&
    (change.facts?.object.index.fields['metadata.name'] ?? change.object.metadata.name) === removedNodes.name &&
    change.object.metadata.namespace === removedNodes.namespace
  );
}

/** When each node was removed, by its name. */
function removedIn(view: ResourceView): Readonly<Record<string, string>> {
  return (
    view.get<{ readonly data?: Readonly<Record<string, string>> }>(
      resources.configMaps,
      removedNodes.namespace,
      removedNodes.name,
    )?.data ?? {}
  );
}

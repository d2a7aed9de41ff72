/** Hears the signs of life of the nodes' agents, and keeps their Leases up to date. */
import { type Clock, errorMessage, type Logger, type Metrics, type Timers } from '../../base/index.ts';
import { type Bus, decodeIfWhole, encode, type Subjects } from '../../bus/index.ts';
import { parseLeaseRenewal, type RenewalAnswer } from '../../protocol/index.ts';
import type { Compare, Store } from '../../state/index.ts';
import { Contact } from './contact.ts';
import { RenewalBook } from './renewal-book.ts';
import { leaseKey, writeRenewals } from './renewal-writing.ts';

interface NodeRenewalsOptions {
  readonly store: Store;
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'nodesRenewal' | 'renewalNode'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** After how long a node counts as silent. */
  readonly silentMs: number;
  /** While this member is the one that writes Leases. */
  readonly fence: () => Compare | undefined;
}

export interface NodeRenewals {
  /**
   * When this member last heard the node, or would have if its own connection had not been away, in monotonic ms;
   * undefined: never, or long ago.
   */
  heardAt(node: string): number | undefined;
  close(): void;
}

/** How often it is looked whether Leases are to be written, and how many of them are then at most. */
const lookMs = 250;
const leasesMax = 500;

/** Listens to the agents from now on. All members do, so that who writes Leases next knows what to write. */
export function openNodeRenewals(options: NodeRenewalsOptions): NodeRenewals {
  const { store, bus, subjects, clock, timers, metrics, fence } = options;
  const book = new RenewalBook();
  const contact = new Contact(options.silentMs);
  bus.onStatus((status) => {
    if (status === 'connected') contact.found(clock.monotonic());
    else contact.lost();
  });
  let heard = 0;
  const listening = bus.subscribe(subjects.nodesRenewal, ({ subject, payload, reply }) => {
    const renewal = parseLeaseRenewal(decodeIfWhole(payload));
    if (renewal === undefined) return;
    const node = subjects.renewalNode(subject);
    book.take(node, renewal, clock.monotonic());
    heard += 1;
    // One answers: who writes what was said.
    if (reply === undefined || fence() === undefined) return;
    const answer: RenewalAnswer = { known: store.get(leaseKey(node)) !== undefined };
    bus.publish(reply, encode(answer));
  });
  let writing = false;
  const look = async (): Promise<void> => {
    const due = book.takeDue(clock.monotonic(), leasesMax);
    const mine = fence();
    if (mine === undefined || due.length === 0) return;
    metrics.count('troupe_node_leases_written_total', {}, await writeRenewals({ store, fence: mine }, due));
  };
  const timer = timers.every(lookMs, () => {
    if (heard > 0) metrics.count('troupe_node_renewals_total', {}, heard);
    heard = 0;
    if (writing) return;
    writing = true;
    look()
      .catch((error: unknown) => {
        // Later renewals are written in their place.
        options.log.debug('could not bring the Leases of nodes up to date', { error: errorMessage(error) });
      })
      .finally(() => {
        writing = false;
      });
  });
  return {
    heardAt: (node) => contact.heardAt(book.heardAt(node), clock.monotonic()),
    close: () => {
      timer.cancel();
      listening.close();
    },
  };
}

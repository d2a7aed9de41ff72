/** A replica's dealings with other members: its snapshot sender and its members, wired. */
import type { Revision } from '../../base/index.ts';
import type { KeySpace } from '../../mvcc/index.ts';
import type { Raft } from '../../raft/core/index.ts';
import { Foreigners } from './foreigners.ts';
import { Members } from './members.ts';
import type { Moment } from '../moments.ts';
import type { StoreOptions } from '../options.ts';
import { SnapshotSender } from '../snapshot/index.ts';
import { hashInSteps } from '../admin/index.ts';
import type { StoreMember } from '../store.ts';
import type { StoreMessage } from '../transport/index.ts';

/** What a replica's dealings with other members need of it. */
interface PeersHost {
  readonly options: StoreOptions;
  readonly raft: Raft;
  readonly space: () => KeySpace;
  readonly moments: () => readonly Moment[];
  readonly store: Pick<StoreMember, 'status' | 'readBarrier' | 'waitForRevision'>;
  /** The core has something to do. */
  readonly wake: () => void;
}

/** Sends messages that say whose they are. The core does so by itself. */
export const senderOf =
  ({ options: { transport }, raft }: Pick<PeersHost, 'options' | 'raft'>) =>
  (to: string, message: StoreMessage): void => {
    const { timeline, incarnation } = raft.identity;
    transport?.send(to, { ...message, timeline, incarnation });
  };

export function foreignersOf(host: Pick<PeersHost, 'options' | 'raft'>): Foreigners {
  const { member, log, clock } = host.options;
  const send = senderOf(host);
  return new Foreigners({
    member,
    log,
    clock,
    identity: () => host.raft.identity,
    answer: (to, id, body) => {
      send(to, { type: 'answer', from: member, to, id, body });
    },
  });
}

export function snapshotSender({ options, raft, wake }: Pick<PeersHost, 'options' | 'raft' | 'wake'>): SnapshotSender {
  const { member, clock, random } = options;
  return new SnapshotSender({
    member,
    send: senderOf({ options, raft }),
    report: (to, index) => {
      raft.reportSnapshot(to, index);
      wake();
    },
    now: () => clock.monotonic(),
    name: () => random.uuid(),
  });
}

export function membersOf({ options, raft, wake, space, store, moments }: PeersHost): Members {
  const { member, clock, timers, random } = options;
  return new Members({
    member,
    timers,
    raft,
    wake,
    now: () => clock.monotonic(),
    name: () => random.uuid(),
    send: senderOf({ options, raft }),
    status: () => store.status(),
    hashAt: async (revision, format) => {
      await store.waitForRevision(revision as Revision);
      return hashInSteps(space(), revision as Revision, { timers, format });
    },
    moments,
    readBarrier: () => store.readBarrier(),
  });
}

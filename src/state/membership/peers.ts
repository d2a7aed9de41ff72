/** A replica's dealings with other members: its snapshot sender and its members, wired. */
import type { Revision } from '../../base/index.ts';
import type { KeySpace } from '../../mvcc/index.ts';
import type { Raft } from '../../raft/core/index.ts';
import { Members } from './members.ts';
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
  readonly store: Pick<StoreMember, 'status' | 'readBarrier' | 'waitForRevision'>;
  /** The core has something to do. */
  readonly wake: () => void;
}

const senderOf =
  ({ transport }: StoreOptions) =>
  (to: string, message: StoreMessage): void => {
    transport?.send(to, message);
  };

export function snapshotSender({ options, raft, wake }: PeersHost): SnapshotSender {
  const { member, clock, random } = options;
  return new SnapshotSender({
    member,
    send: senderOf(options),
    report: (to, index) => {
      raft.reportSnapshot(to, index);
      wake();
    },
    now: () => clock.monotonic(),
    name: () => random.uuid(),
  });
}

export function membersOf({ options, raft, wake, space, store }: PeersHost): Members {
  const { member, clock, timers, random } = options;
  return new Members({
    member,
    timers,
    raft,
    wake,
    now: () => clock.monotonic(),
    name: () => random.uuid(),
    send: senderOf(options),
    status: () => store.status(),
    hashAt: async (revision) => {
      await store.waitForRevision(revision as Revision);
      return hashInSteps(space(), revision as Revision, timers);
    },
    readBarrier: () => store.readBarrier(),
  });
}

/** Keeps the replicas beside a member among the store's learners: those of the plan, and no others. */
import { delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { deleteMemberRecord, memberRecords, type MemberRecord } from '../../shards/index.ts';
import type { StoreMember } from '../../state/index.ts';
import { besides, type Place } from '../process/index.ts';

interface ReplicaPorts {
  readonly store: StoreMember;
  readonly timers: Timers;
  readonly log: Logger;
}

const pauseMs = 500;

/** Takes in the planned ones and removes those that an earlier start had, however often that must be tried. */
export function keepReplicas(ports: ReplicaPorts, place: Place): { close(): void } {
  let closed = false;
  const work = async (): Promise<void> => {
    for (let last = ''; !closed; await delay(ports.timers, pauseMs)) {
      try {
        await matchPlan(ports.store, place);
        return;
      } catch (error) {
        if (errorMessage(error) !== last)
          ports.log.info('the replicas beside this member are not all in the store yet', {
            reason: errorMessage(error),
          });
        last = errorMessage(error);
      }
    }
  };
  void work();
  return {
    close: () => {
      closed = true;
    },
  };
}

async function matchPlan(store: StoreMember, place: Place): Promise<void> {
  const { missing, surplus } = replicaChanges(place, {
    present: store.members.list().map(({ name }) => name),
    records: memberRecords(store),
  });
  for (const name of surplus) await removeReplica(store, name);
  for (const name of missing) await store.members.addLearner(name);
}

/** Ends a replica's copy, and forgets how it is reached. */
export async function removeReplica(store: StoreMember, name: string): Promise<void> {
  await store.members.remove(name);
  await deleteMemberRecord(store, name);
}

/** What the store knows of its members. */
interface Known {
  readonly present: readonly string[];
  readonly records: readonly Pick<MemberRecord, 'name' | 'beside'>[];
}

/** Which replicas the store lacks, and which are of an earlier plan. */
export function replicaChanges(
  { name: member, plan }: Pick<Place, 'name' | 'plan'>,
  { present, records }: Known,
): { readonly missing: readonly string[]; readonly surplus: readonly string[] } {
  const planned = besides(plan, member).map(({ name }) => name);
  return {
    missing: planned.filter((name) => !present.includes(name)),
    surplus: records.filter(({ name, beside }) => beside === member && !planned.includes(name)).map(({ name }) => name),
  };
}

/** Ends a member that was removed from the cluster, once the store's leader confirms it. */
import { delay, errorMessage, type Logger, type Metrics, type Timers } from '../../base/index.ts';
import { type Bus, BusError, decode, encode, type Subjects } from '../../bus/index.ts';
import { memberRecords } from '../../shards/index.ts';
import type { StoreMember } from '../../state/index.ts';

interface Question {
  readonly member: string;
}

interface Answer extends Question {
  readonly removed: boolean;
}

/** Until it knows, it keeps clients waiting that it cannot serve any more; an answer takes some ms, or is lost. */
const answerMs = 1_000;
/** There may be no leader for a moment; the leader repeats the news each time the member announces itself. */
const attemptsMax = 10;
const againMs = 250;

/**
 * Whether neither the membership nor a record has the name. One whose disk was damaged leaves, but its record stays.
 */
export function isRemoved(store: Pick<StoreMember, 'members' | 'range'>, name: string): boolean {
  return ![...store.members.list(), ...memberRecords(store)].some((member) => member.name === name);
}

/** Tells a process that it was removed; one that does not run learns it when it announces itself again. */
export function sayRemoved(bus: Bus, subjects: Pick<Subjects, 'removed'>, member: string): void {
  try {
    bus.publish(subjects.removed(member), new Uint8Array());
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
  }
}

interface MembershipPorts {
  readonly store: Pick<StoreMember, 'members' | 'range' | 'readBarrier' | 'status'>;
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'membership'>;
  readonly log: Logger;
}

/** Answers members that ask whether they were removed: as the leader, and by a linearisable read alone. */
export function answerMembership({ store, bus, subjects, log }: MembershipPorts): { close(): void } {
  return bus.subscribe(subjects.membership, ({ payload, reply }) => {
    const question = read<Question>(payload);
    if (reply === undefined || typeof question?.member !== 'string' || store.status().role !== 'leader') return;
    const { member } = question;
    store
      .readBarrier()
      .then(() => {
        bus.publish(reply, encode({ member, removed: isRemoved(store, member) } satisfies Answer));
      })
      .catch((error: unknown) => {
        log.info('cannot tell a member whether it was removed', { member, error: errorMessage(error) });
      });
  });
}

interface RemovalPorts {
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'removed' | 'membership'>;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Calls `removed` when the leader confirms that the member was removed. A message alone proves nothing: it only makes
 * the member ask.
 */
export function followRemoval(
  ports: RemovalPorts,
  { member, removed }: { readonly member: string; readonly removed: () => void },
): { close(): void } {
  const { bus, subjects, log, metrics } = ports;
  let state: 'listening' | 'asking' | 'ended' = 'listening';
  const subscription = bus.subscribe(subjects.removed(member), () => {
    if (state !== 'listening') return;
    state = 'asking';
    void confirmed(ports, member).then((answer) => {
      if (state === 'ended') return;
      state = answer === true ? 'ended' : 'listening';
      if (answer === true) {
        removed();
        return;
      }
      metrics.count('troupe_refused_removals_total', { reason: answer === false ? 'still-a-member' : 'no-answer' });
      log.warn('heard of the own removal, which the leader does not confirm', {
        subject: subjects.removed(member),
        reason: answer === false ? 'still a member' : 'no answer',
      });
    });
  });
  return {
    close: () => {
      state = 'ended';
      subscription.close();
    },
  };
}

/** Undefined: no leader answered. */
async function confirmed({ bus, subjects, timers }: RemovalPorts, member: string): Promise<boolean | undefined> {
  const question = encode({ member } satisfies Question);
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    try {
      const { payload } = await bus.request(subjects.membership, question, { deadlineMs: answerMs });
      const answer = read<Answer>(payload);
      if (answer?.member === member && typeof answer.removed === 'boolean') return answer.removed;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
    }
    if (attempt < attemptsMax) await delay(timers, againMs);
  }
  return undefined;
}

function read<T>(payload: Uint8Array): Partial<T> | undefined {
  try {
    const value = decode(payload);
    return typeof value === 'object' && value !== null ? (value as Partial<T>) : undefined;
  } catch {
    return undefined;
  }
}

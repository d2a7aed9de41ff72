import { type KubeObject, newEvent, referenceTo, resources, timeText } from '../../api/index.ts';
import type { Clock, Logger } from '../../base/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { isNotFound } from './failures.ts';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorder {
  event(object: unknown, type: EventType, reason: string, message: string): void;
}

export interface EventRecorderPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Events remembered for counting equal ones up. */
const rememberedMax = 4_096;
/** Events that wait for their write; older ones are shed first when there are more. */
const waitingMax = 1_000;
/**
 * From this many different messages of one object and reason on, none more than `similarMs` after the last, they are
 * written as one.
 */
const similarMax = 10;
const similarMs = 10 * 60_000;
/** Events of one object from one source: a burst, then one every five minutes (upstream's spam filter). */
const burst = 25;
const refillMs = 5 * 60_000;
/** The longest message that an Event may carry. */
const messageMax = 1024;

interface Written {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}
interface Pending {
  readonly object: KubeObject;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  /** One of many similar ones: all of these are one Event, which carries the newest message. */
  readonly combined: boolean;
  readonly at: number;
}

/** Keeps the newest `max` entries of a map. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= rememberedMax) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}

/**
 * Writes core/v1 Events of one source component, one after the other, behind the caller's back. Equal events are
 * counted up on the first; many similar ones become one; a flood on one object is cut. A lost event is logged, never
 * thrown.
 */
export function eventRecorder(component: string, ports: EventRecorderPorts): EventRecorder {
  const written = new Map<string, Written>();
  const similar = new Map<string, { readonly messages: ReadonlySet<string>; readonly last: number }>();
  const budgets = new Map<string, { readonly left: number; readonly at: number }>();
  const waiting: Pending[] = [];
  let writing = false;
  let sequence = 0;

  const allowed = (uid: string, now: number): boolean => {
    const budget = budgets.get(uid) ?? { left: burst, at: now };
    const left = Math.min(burst, budget.left + (now - budget.at) / refillMs);
    remember(budgets, uid, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  };
  const combine = (pending: Pending): Pending => {
    const key = [pending.object.metadata.uid, pending.type, pending.reason].join('|');
    const known = similar.get(key);
    const messages = new Set(known === undefined || pending.at - known.last > similarMs ? [] : known.messages).add(
      pending.message,
    );
    const many = messages.size >= similarMax;
    remember(similar, key, { messages: many ? new Set([...messages].slice(1)) : messages, last: pending.at });
    return many
      ? { ...pending, combined: true, message: `(combined from similar events): ${pending.message}` }
      : pending;
  };
  const write = async (pending: Pending): Promise<void> => {
    const key = [
      pending.object.metadata.uid,
      pending.type,
      pending.reason,
      pending.combined ? '' : pending.message,
    ].join('|');
    const known = written.get(key);
    if (known !== undefined && (await countUp(ports, known, pending))) {
      remember(written, key, { ...known, count: known.count + 1 });
      return;
    }
    sequence += 1;
    remember(written, key, await createEvent(ports, { component, sequence, pending }));
  };
  const drain = async (): Promise<void> => {
    writing = true;
    for (let pending = waiting.shift(); pending !== undefined; pending = waiting.shift()) {
      try {
        await write(pending);
      } catch (error) {
        ports.log.debug('an event was not written', { component, reason: pending.reason, error: errorMessage(error) });
      }
    }
    writing = false;
  };
  return {
    event: (object, type, reason, message) => {
      const at = ports.clock.now();
      const target = object as KubeObject;
      if (!allowed(target.metadata.uid ?? target.metadata.name ?? '', at)) return;
      if (waiting.length >= waitingMax) waiting.shift();
      waiting.push(
        combine({ object: target, type, reason, message: message.slice(0, messageMax), combined: false, at }),
      );
      if (!writing) void drain();
    },
  };
}

/** False when the event has expired meanwhile. */
async function countUp(ports: EventRecorderPorts, known: Written, { message, at }: Pending): Promise<boolean> {
  try {
    await ports.client.patch(
      { ...resources.events, namespace: known.namespace, name: known.name },
      { type: 'merge', body: { count: known.count + 1, message, lastTimestamp: timeText(at) } },
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function createEvent(
  ports: EventRecorderPorts,
  event: { readonly component: string; readonly sequence: number; readonly pending: Pending },
): Promise<Written> {
  const { object, type, reason, message, at } = event.pending;
  const { metadata } = object;
  const namespace = metadata.namespace === undefined || metadata.namespace === '' ? 'default' : metadata.namespace;
  const stamp = (BigInt(at) * 1_000_000n + BigInt(event.sequence % 1_000_000)).toString(16);
  const name = `${metadata.name ?? 'unknown'}.${stamp}`;
  await ports.client.create(
    { ...resources.events, namespace },
    newEvent({ namespace, name, about: referenceTo(object), type, reason, message, at, component: event.component }),
  );
  return { namespace, name, count: 1 };
}

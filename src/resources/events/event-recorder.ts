/** Writes the Events of a component behind its callers' backs. */
import { type KubeObject, newEvent, referenceTo, resources, StatusError, timeText } from '../../api/index.ts';
import {
  BoundedQueue,
  type Clock,
  errorMessage,
  fnv1a,
  type Logger,
  type Timer,
  type Timers,
} from '../../base/index.ts';
import type { ResourceClient } from '../client.ts';
import { EventCorrelator, type EventType, NewestMap, type PendingEvent } from './event-correlator.ts';

/** Who reports, as Events say it. */
interface Reporter {
  readonly component: string;
  /** The node that it reports from; absent: a component of the control plane. */
  readonly host?: string | undefined;
}

export interface EventRecorder {
  /** `fieldPath`: the part of the object that it is about, such as `spec.containers{web}`. */
  event(about: unknown, type: EventType, reason: string, message: string, fieldPath?: string): void;
  /** What waits is not written any more, and nothing is taken. */
  close(): void;
}

interface EventRecorderPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Events wait `ms` before they are written, so that they do not compete with more urgent writes; absent: not. */
  readonly pause?: { readonly timers: Timers; readonly ms: number } | undefined;
}

/** Events that wait for their write; older ones are shed first when there are more. */
const waitingMax = 1_000;
/** The longest message that an Event may carry; what is combined or counted up starts from the cut text. */
const messageMax = 1_024;

interface Written {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}

/** Equal Events are counted up on the first; a lost Event is logged, never thrown. */
export function eventRecorder(source: Reporter, ports: EventRecorderPorts): EventRecorder {
  const writer = new EventWriter(source, ports);
  return {
    event: (about, type, reason, message, fieldPath) => {
      const object = about as KubeObject;
      const text = message.slice(0, messageMax);
      writer.add({ object, fieldPath, type, reason, message: text, combined: false, at: ports.clock.now() });
    },
    close: () => {
      writer.close();
    },
  };
}

class EventWriter {
  readonly #source: Reporter;
  readonly #ports: EventRecorderPorts;
  readonly #correlator = new EventCorrelator();
  readonly #written = new NewestMap<Written>();
  readonly #waiting = new BoundedQueue<PendingEvent>(waitingMax);
  #pause: Timer | undefined;
  #writing = false;
  #closed = false;
  /** Two components that report at once about one object give two names. */
  #sequence: number;

  constructor(source: Reporter, ports: EventRecorderPorts) {
    this.#source = source;
    this.#ports = ports;
    this.#sequence = fnv1a(`${source.component}/${source.host ?? ''}`);
  }

  add(event: PendingEvent): void {
    if (this.#closed) return;
    const pending = this.#correlator.correlate(event);
    if (pending === undefined) return;
    if (this.#waiting.full) this.#waiting.shift();
    this.#waiting.push(pending);
    const { pause } = this.#ports;
    if (pause === undefined) this.#begin();
    else
      this.#pause ??= pause.timers.after(pause.ms, () => {
        this.#pause = undefined;
        this.#begin();
      });
  }

  close(): void {
    this.#closed = true;
    this.#pause?.cancel();
    this.#waiting.clear();
  }

  #begin(): void {
    if (!this.#writing) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    for (let pending = this.#waiting.shift(); pending !== undefined; pending = this.#waiting.shift()) {
      try {
        await this.#write(pending);
      } catch (error) {
        const { reason } = pending;
        const { component } = this.#source;
        this.#ports.log.debug('failed to write an event', { component, reason, error: errorMessage(error) });
      }
    }
    this.#writing = false;
  }

  async #write(pending: PendingEvent): Promise<void> {
    const { object, fieldPath = '', type, reason, combined, message } = pending;
    const key = [object.metadata.uid, fieldPath, type, reason, combined ? '' : message].join('|');
    const known = this.#written.get(key);
    if (known !== undefined && (await this.#countUp(known, pending)))
      this.#written.set(key, { ...known, count: known.count + 1 });
    else this.#written.set(key, await this.#create(pending));
  }

  /** False when the Event has expired meanwhile. */
  async #countUp(known: Written, { message, at }: PendingEvent): Promise<boolean> {
    try {
      await this.#ports.client.patch(
        { ...resources.events, namespace: known.namespace, name: known.name },
        { type: 'merge', body: { count: known.count + 1, message, lastTimestamp: timeText(at) } },
      );
      return true;
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return false;
      throw error;
    }
  }

  async #create({ object, fieldPath, at, ...text }: PendingEvent): Promise<Written> {
    this.#sequence += 1;
    const { namespace: own = '', name: objectName = 'unknown' } = object.metadata;
    const namespace = own === '' ? 'default' : own;
    const stamp = (BigInt(at) * 1_000_000n + BigInt(this.#sequence % 1_000_000)).toString(16);
    const name = `${objectName.slice(0, objectNameMax)}.${stamp}`;
    const { type, reason, message } = text;
    const about = referenceTo(object, fieldPath);
    await this.#ports.client.create(
      { ...resources.events, namespace },
      newEvent({ ...this.#source, namespace, name, about, type, reason, message, at }),
    );
    return { namespace, name, count: 1 };
  }
}

/** With the stamp, a name stays within 253 characters. */
const objectNameMax = 230;

/** Writes the Events of a component, one after the other, behind its callers' backs. */
import { type KubeObject, newEvent, referenceTo, resources, timeText } from '../../api/index.ts';
import { BoundedQueue, type Clock, errorMessage, type Logger } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import type { Note } from './controller.ts';
import { EventCorrelator, NewestMap, type PendingEvent } from './event-correlator.ts';
import { isNotFound } from './failures.ts';

export interface EventRecorder {
  event(object: unknown, type: Note['type'], reason: string, message: string): void;
}

interface EventRecorderPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Logger;
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
export function eventRecorder(component: string, ports: EventRecorderPorts): EventRecorder {
  const writer = new EventWriter(component, ports);
  return {
    event: (object, type, reason, message) => {
      const target = object as KubeObject;
      const text = message.slice(0, messageMax);
      writer.add({ object: target, type, reason, message: text, combined: false, at: ports.clock.now() });
    },
  };
}

class EventWriter {
  readonly #component: string;
  readonly #ports: EventRecorderPorts;
  readonly #correlator = new EventCorrelator();
  readonly #written = new NewestMap<Written>();
  readonly #waiting = new BoundedQueue<PendingEvent>(waitingMax);
  #writing = false;
  #sequence = 0;

  constructor(component: string, ports: EventRecorderPorts) {
    this.#component = component;
    this.#ports = ports;
  }

  add(event: PendingEvent): void {
    const pending = this.#correlator.correlate(event);
    if (pending === undefined) return;
    if (this.#waiting.full) this.#waiting.shift();
    this.#waiting.push(pending);
    if (!this.#writing) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    for (let pending = this.#waiting.shift(); pending !== undefined; pending = this.#waiting.shift()) {
      try {
        await this.#write(pending);
      } catch (error) {
        const { reason } = pending;
        this.#ports.log.debug('failed to write an event', {
          component: this.#component,
          reason,
          error: errorMessage(error),
        });
      }
    }
    this.#writing = false;
  }

  async #write(pending: PendingEvent): Promise<void> {
    const { object, type, reason, combined, message } = pending;
    const key = [object.metadata.uid, type, reason, combined ? '' : message].join('|');
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
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #create({ object, type, reason, message, at }: PendingEvent): Promise<Written> {
    this.#sequence += 1;
    const { namespace: own = '', name: objectName = 'unknown' } = object.metadata;
    const namespace = own === '' ? 'default' : own;
    const stamp = (BigInt(at) * 1_000_000n + BigInt(this.#sequence % 1_000_000)).toString(16);
    const name = `${objectName}.${stamp}`;
    const component = this.#component;
    await this.#ports.client.create(
      { ...resources.events, namespace },
      newEvent({ namespace, name, about: referenceTo(object), type, reason, message, at, component }),
    );
    return { namespace, name, count: 1 };
  }
}

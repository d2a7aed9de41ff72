/** Writes Events about a node and its pods. */
import { newEvent, type Pod, referenceTo, resources, StatusError, timeText } from '../../api/index.ts';
import {
  BoundedQueue,
  type Clock,
  errorMessage,
  type Logger,
  type Random,
  type Timer,
  type Timers,
} from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';

interface EventText {
  readonly kind: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string | undefined;
}

/** What an event is about. */
type Subject = Parameters<typeof referenceTo>[0];

interface Waiting {
  readonly subject: Subject;
  readonly text: EventText;
  readonly at: number;
}

interface Written {
  readonly name: string;
  readonly namespace: string;
  count: number;
}

const queueMax = 2000;
const knownMax = 1000;
/** Events wait a moment, so that they do not compete with the status writes of the same start. */
const delayMs = 60;
const writersMax = 2;
const burstMax = 25;

/** Writes Kubernetes Events: equal ones are counted, floods are dropped, failures never reach the caller. */
export class EventRecorder {
  readonly #ports: {
    readonly client: ResourceClient;
    readonly clock: Clock;
    readonly timers: Timers;
    readonly random: Random;
    readonly log: Logger;
  };
  readonly #host: string;
  readonly #queue = new BoundedQueue<Waiting>(queueMax);
  readonly #known = new Map<string, Written>();
  readonly #recent = new Map<string, { count: number; since: number }>();
  #timer: Timer | undefined;
  #writers = 0;
  #closed = false;

  constructor(
    ports: {
      readonly client: ResourceClient;
      readonly clock: Clock;
      readonly timers: Timers;
      readonly random: Random;
      readonly log: Logger;
    },
    host: string,
  ) {
    this.#ports = ports;
    this.#host = host;
  }

  record(pod: Pod, text: EventText): void {
    this.#add({ ...pod, apiVersion: 'v1', kind: 'Pod' }, text);
  }

  /** About the node itself, by its name, as a kubelet names it. */
  recordOnNode(text: EventText): void {
    this.#add({ apiVersion: 'v1', kind: 'Node', metadata: { name: this.#host, uid: this.#host } }, text);
  }

  #add(subject: Subject, text: EventText): void {
    if (this.#closed || this.#floods(subject.metadata.uid ?? '')) return;
    this.#queue.push({ subject, text, at: this.#ports.clock.now() });
    this.#timer ??= this.#ports.timers.after(delayMs, () => {
      this.#timer = undefined;
      this.#start();
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#queue.clear();
  }

  /** At most a burst per object and five minutes (as client-go's spam filter). */
  #floods(uid: string): boolean {
    const now = this.#ports.clock.now();
    const entry = this.#recent.get(uid);
    if (entry === undefined || now - entry.since > 300_000) {
      if (this.#recent.size > knownMax) this.#recent.delete(this.#recent.keys().next().value ?? '');
      this.#recent.set(uid, { count: 1, since: now });
      return false;
    }
    entry.count += 1;
    return entry.count > burstMax * 4;
  }

  #start(): void {
    while (this.#writers < writersMax && this.#queue.length > 0) {
      this.#writers += 1;
      void this.#drain().finally(() => {
        this.#writers -= 1;
      });
    }
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined && !this.#closed; next = this.#queue.shift()) {
      try {
        await this.#write(next);
      } catch (error) {
        this.#ports.log.debug('failed to write an event', {
          reason: next.text.reason,
          error: errorMessage(error),
        });
      }
    }
  }

  async #write({ subject, text, at }: Waiting): Promise<void> {
    const key = `${subject.metadata.uid}/${text.fieldPath ?? ''}/${text.reason}/${text.message}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.count += 1;
      try {
        await this.#ports.client.patch(
          { ...resources.events, namespace: known.namespace, name: known.name },
          { type: 'merge', body: { count: known.count, lastTimestamp: timeText(at) } },
        );
        return;
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 404) throw error;
      }
    }
    const written = await this.#create(subject, text, at);
    if (this.#known.size >= knownMax) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(key, written);
  }

  async #create(subject: Subject, text: EventText, at: number): Promise<Written> {
    const { name = '', namespace = 'default' } = subject.metadata;
    const suffix = Array.from(this.#ports.random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const eventName = `${name.slice(0, 230)}.${suffix}`;
    await this.#ports.client.create(
      { ...resources.events, namespace },
      newEvent({
        namespace,
        name: eventName,
        about: referenceTo(subject, text.fieldPath),
        type: text.kind,
        reason: text.reason,
        message: text.message,
        at,
        component: 'kubelet',
        host: this.#host,
      }),
    );
    return { name: eventName, namespace, count: 1 };
  }
}

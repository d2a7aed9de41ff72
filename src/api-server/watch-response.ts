/** A watch as a streamed answer. */
import { limits, type Random, type Timers, type Turns } from '../base/index.ts';
import type { ResourceService, Target, RecordEvent, WatchOptions } from '../resources/index.ts';
import type { Presentation } from './answers/encode.ts';
import { createEventEncoder, type EventEncoder, type EventLines } from './answers/watch-events.ts';
import type { ApiHttpResponse, BodySink, BodyStream } from './request.ts';

interface WatchPorts {
  readonly service: ResourceService;
  readonly timers: Timers;
  readonly random: Random;
  readonly lines: EventLines;
  /** Absent: events are encoded as they come, however many. */
  readonly turns?: Turns | undefined;
}

interface WatchRequest {
  readonly target: Target;
  readonly options: WatchOptions;
  readonly timeoutSeconds: number | undefined;
  readonly presentation: Presentation;
  readonly accept: string | undefined;
  readonly user: string;
}

/**
 * Watches without a timeout last between one and two of these, in s, so that they do not all end at once (as in
 * Kubernetes).
 */
const shortestSeconds = 1800;

/**
 * One JSON object a line, made from the records' bytes, one write a batch. Ends after its time, when the reader is too
 * slow, or after an error event. Rejects with failures before the first event, which are answered with their status.
 */
export async function watchResponse(ports: WatchPorts, request: WatchRequest): Promise<ApiHttpResponse> {
  const { target, presentation, accept } = request;
  const encoder = createEventEncoder(ports.lines, { info: target.info, presentation, accept });
  const turn = ports.turns === undefined ? undefined : () => ports.turns?.take(request.user, limits.turnBytesMax);
  const stream = new WatchStream(encoder, turn);
  const watch = await ports.service.watch(target, request.options, (events) => stream.take(events));
  const timer = ports.timers.after(durationMs(ports, request.timeoutSeconds), () => {
    watch.close();
    stream.finish();
  });
  stream.onClose(() => {
    timer.cancel();
    watch.close();
  });
  const body: BodyStream = (sink) => {
    stream.start(sink);
  };
  return { status: 200, headers: { 'content-type': encoder.contentType }, body };
}

/** Events of one step: bytes of their objects, and how many they are. */
const stepBytesMax = 8 * limits.turnBytesMax;
const stepEventsMax = 500;

function bytesOfEvent(event: RecordEvent | undefined): number {
  return event !== undefined && 'record' in event ? event.record.bytes.byteLength : 0;
}

/** How many events from a place on are encoded in one step; at least one. */
function leadOf(events: readonly RecordEvent[], from = 0): number {
  let bytes = 0;
  for (let at = from; at < events.length; at += 1) {
    bytes += bytesOfEvent(events[at]);
    if (at > from && (bytes > stepBytesMax || at - from >= stepEventsMax)) return at - from;
  }
  return events.length - from;
}

/** Events on their way to a reader; those that come before the reader wait. */
class WatchStream {
  readonly #encoder: EventEncoder;
  #sink: BodySink | undefined;
  #early: Parameters<BodySink['write']>[] = [];
  #closed: () => void = () => undefined;
  #ended = false;
  readonly #turn: (() => Promise<void> | undefined) | undefined;
  /** What waits for its turn: many or large events at once, and all that come after them. */
  #waiting: RecordEvent[] = [];
  #laterBytes = 0;

  constructor(encoder: EventEncoder, turn: (() => Promise<void> | undefined) | undefined) {
    this.#encoder = encoder;
    this.#turn = turn;
  }

  /** False: the watch is over. */
  take(events: readonly RecordEvent[]): boolean {
    if (this.#ended) return false;
    if (this.#turn === undefined || (this.#waiting.length === 0 && leadOf(events) === events.length))
      return this.#give(events);
    const idle = this.#waiting.length === 0;
    for (const event of events) this.#waiting.push(event);
    // The first are objects of the store; of what comes later, old versions are kept for this reader alone.
    if (!idle) this.#laterBytes += events.reduce((sum, event) => sum + bytesOfEvent(event), 0);
    if (this.#laterBytes > limits.streamWaitingBytesMax) return this.#over();
    if (idle) void this.#inTurns(this.#turn);
    return true;
  }

  async #inTurns(turn: () => Promise<void> | undefined): Promise<void> {
    let from = 0;
    while (from < this.#waiting.length && !this.#ended) {
      const waiting = turn();
      if (waiting !== undefined) await waiting;
      const count = leadOf(this.#waiting, from);
      const taken = this.#give(this.#waiting.slice(from, from + count));
      from += count;
      if (!taken) this.#over();
    }
    this.#waiting = [];
    this.#laterBytes = 0;
  }

  /** Ends the watch behind the back of who feeds it. */
  #over(): false {
    this.finish();
    this.#closed();
    return false;
  }

  #give(events: readonly RecordEvent[]): boolean {
    if (this.#ended) return false;
    const bytes = this.#encoder.encode(events);
    const traces = events.map((event) => ('trace' in event ? event.trace : undefined));
    const last = events.at(-1)?.type === 'ERROR';
    const taken = this.#write(bytes, traces);
    if (last || !taken) this.finish();
    return taken && !last;
  }

  finish(): void {
    this.#ended = true;
    this.#sink?.end();
  }

  /** Called when the reader goes away. */
  onClose(listener: () => void): void {
    this.#closed = listener;
  }

  start(sink: BodySink): void {
    this.#sink = sink;
    sink.onClose(() => {
      this.#ended = true;
      this.#closed();
    });
    for (const written of this.#early) sink.write(...written);
    this.#early = [];
    if (this.#ended) sink.end();
  }

  #write(bytes: Uint8Array, traces: readonly (string | undefined)[]): boolean {
    if (this.#sink !== undefined) return this.#sink.write(bytes, traces);
    this.#early.push([bytes, traces]);
    return true;
  }
}

function durationMs(ports: WatchPorts, seconds: number | undefined): number {
  if (seconds !== undefined && seconds > 0) return Math.min(seconds, 24 * 3600) * 1000;
  return (shortestSeconds + ports.random.fraction() * shortestSeconds) * 1000;
}

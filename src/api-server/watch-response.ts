/** A watch as a streamed answer. */
import type { Random, Timers } from '../base/index.ts';
import type { ResourceService, Target, RecordEvent, WatchOptions } from '../resources/index.ts';
import type { Presentation } from './answers/encode.ts';
import { createEventEncoder, type EventEncoder, type EventLines } from './answers/watch-events.ts';
import type { ApiHttpResponse, BodySink, BodyStream } from './request.ts';

interface WatchPorts {
  readonly service: ResourceService;
  readonly timers: Timers;
  readonly random: Random;
  readonly lines: EventLines;
}

interface WatchRequest {
  readonly target: Target;
  readonly options: WatchOptions;
  readonly timeoutSeconds: number | undefined;
  readonly presentation: Presentation;
  readonly accept: string | undefined;
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
  const stream = new WatchStream(encoder);
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

/** Events on their way to a reader; those that come before the reader wait. */
class WatchStream {
  readonly #encoder: EventEncoder;
  #sink: BodySink | undefined;
  #early: Parameters<BodySink['write']>[] = [];
  #closed: () => void = () => undefined;
  #ended = false;

  constructor(encoder: EventEncoder) {
    this.#encoder = encoder;
  }

  /** False: the watch is over. */
  take(events: readonly RecordEvent[]): boolean {
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

/** A watch as a streamed answer. */
import type { Random, Timers } from '../base/index.ts';
import type { ResourceService, Target, WatchEvent, WatchOptions } from '../resources/index.ts';
import type { Presentation } from './answers/encode.ts';
import { createEventEncoder, type EventLines } from './answers/watch-events.ts';
import type { ApiHttpResponse, BodySink } from './request.ts';

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
 * Watches without a time of their own last between one and two of these, in s, so that they do not all end at once (as
 * upstream).
 */
const shortestSeconds = 1800;

/**
 * A watch as a streamed answer: one JSON object a line, made from the records' bytes, one write a batch. Ends after its
 * time, when the reader is too slow, or after an error event. Failures before the first event are answered as such,
 * with their status.
 */
export async function watchResponse(ports: WatchPorts, request: WatchRequest): Promise<ApiHttpResponse> {
  const { target, presentation, accept } = request;
  const encoder = createEventEncoder(ports.lines, { info: target.info, presentation, accept });
  let sink: BodySink | undefined;
  let early: Parameters<BodySink['write']>[] = [];
  let ended = false;
  const finish = (): void => {
    ended = true;
    sink?.end();
  };
  const take = (events: readonly WatchEvent[]): boolean => {
    if (ended) return false;
    const written = [
      encoder.encode(events),
      events.map((event) => ('trace' in event ? event.trace : undefined)),
    ] as const;
    const last = events.at(-1)?.type === 'ERROR';
    const taken = sink === undefined ? early.push([...written]) > 0 : sink.write(...written);
    if (last || !taken) finish();
    return taken && !last;
  };
  const watch = await ports.service.watch(request.target, request.options, take);
  const timer = ports.timers.after(durationMs(ports, request.timeoutSeconds), () => {
    watch.close();
    finish();
  });
  const start = (opened: BodySink): void => {
    sink = opened;
    opened.onClose(() => {
      ended = true;
      timer.cancel();
      watch.close();
    });
    for (const written of early) opened.write(...written);
    early = [];
    if (ended) opened.end();
  };
  return { status: 200, headers: { 'content-type': encoder.contentType }, body: start };
}

function durationMs(ports: WatchPorts, seconds: number | undefined): number {
  if (seconds !== undefined && seconds > 0) return Math.min(seconds, 24 * 3600) * 1000;
  return (shortestSeconds + ports.random.fraction() * shortestSeconds) * 1000;
}

import { hex, type Random } from './random.ts';

/** Where a piece of work belongs: one operator's request, through doors, actors and members (W3C Trace Context). */
export interface Trace {
  /** 32 lower-case hex digits, the same for everything that one request causes. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the step that caused this one. */
  readonly spanId: string;
}

/** Which trace the running work belongs to; it follows promises and timers. */
export interface TraceScope {
  current(): Trace | undefined;
  /** Runs `call` as part of `trace`; undefined: of none. */
  run<T>(trace: Trace | undefined, call: () => T): T;
}

/** A scope that follows nothing: for pure tools and tests. */
export const noTraces: TraceScope = { current: () => undefined, run: (_trace, call) => call() };

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The trace that a `traceparent` header names. Undefined for a missing or malformed one: a new trace begins then. */
export function parseTraceparent(text: string | undefined): Trace | undefined {
  const [, version, traceId = '', spanId = '', more] = pattern.exec(text?.trim() ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

/** The header's value for what this trace causes elsewhere; the sampled flag is set. */
export function traceparentOf({ traceId, spanId }: Trace): string {
  return `00-${traceId}-${spanId}-01`;
}

/** A step below `parent`, or the first step of a new trace. */
export function nextTrace(parent: Trace | undefined, random: Random): Trace {
  return { traceId: parent?.traceId ?? hex(random.bytes(16)), spanId: hex(random.bytes(8)) };
}

/** Traces: which request a piece of work belongs to (W3C Trace Context). */

/** Where a piece of work belongs: one operator's request, through doors, actors and members (W3C Trace Context). */
export interface Trace {
  /** 32 lower-case hex digits, the same for everything that one request causes. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the step that caused this one. */
  readonly spanId: string;
  /** The address of the actor that is at work; absent outside of actors. */
  readonly actor?: string | undefined;
}

/** One step of a trace: a request at a door, a message that an actor handled, a commit. */
export interface TraceStep {
  readonly traceId: string;
  readonly spanId: string;
  /** The step that caused it; absent for the first. */
  readonly parentId?: string | undefined;
  /** The process in which it ran. */
  readonly process: string;
  /** What was done, for people. */
  readonly what: string;
  readonly actor?: string | undefined;
  /** Wall-clock ms of its beginning, and how long it took, answers that it awaited included. */
  readonly at: number;
  readonly ms: number;
  /** Why it failed. */
  readonly error?: string | undefined;
}

/** A step that begins. `parent`: what caused it; an empty spanId there begins a trace. */
export interface StepFacts {
  readonly parent: Pick<Trace, 'traceId' | 'spanId'>;
  readonly what: string;
  readonly actor?: string | undefined;
}

/** Which trace the running work belongs to; it follows promises and short timers. */
export interface TraceScope {
  current(): Trace | undefined;
  /** Runs `call` as part of `trace`; undefined: of none. */
  run<T>(trace: Trace | undefined, call: () => T): T;
  /** Runs `call` as a separate step, which is remembered once `call`, or the promise that it gives, has ended. */
  step<T>(facts: StepFacts, call: (trace: Trace) => T): T;
  /**
   * As `step`, for a call within which nobody asks which trace is running: it is not entered, which is most of a step's
   * cost.
   */
  leaf<T>(facts: StepFacts, call: (trace: Trace) => T): T;
}

const noTrace: Trace = { traceId: '', spanId: '' };
/** A scope that follows nothing: for pure tools and tests. */
export const noTraces: TraceScope = {
  current: () => undefined,
  run: (_trace, call) => call(),
  step: (_facts, call) => call(noTrace),
  leaf: (_facts, call) => call(noTrace),
};

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The trace that a `traceparent` header names. Undefined for a missing or malformed one: a new trace begins then. */
export function parseTraceparent(text: string | undefined): Trace | undefined {
  if (text === undefined) return undefined;
  const [, version, traceId = '', spanId = '', more] = pattern.exec(text.trim()) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

/** The header's value for what this trace causes elsewhere; the sampled flag is set. */
export function traceparentOf({ traceId, spanId }: Trace): string {
  return `00-${traceId}-${spanId}-01`;
}

/** The trace id that a request's id (a UUID, such as an Audit-ID) stands for; undefined for any other id. */
export function traceIdOf(requestId: string): string | undefined {
  const digits = requestId.toLowerCase().replaceAll('-', '');
  return /^(?!0+$)[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

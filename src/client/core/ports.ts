/** What the client works with, and what each of its messages says in headers. */
import { type Timers, traceparentOf, type TraceScope } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { doorHeaders } from '../../protocol/index.ts';

export interface WirePorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly cluster: string;
  /** The bearer token that says who asks; called for each request, since tokens are renewed. */
  readonly token: () => string;
  /** How long an answer may take, in ms. */
  readonly deadlineMs: number;
  /** How the client names itself; Kubernetes makes the default field manager of it. */
  readonly userAgent?: string | undefined;
  /** Absent: requests do not say what they belong to. */
  readonly traces?: TraceScope | undefined;
}

export type Headers = Readonly<Record<string, string>>;

/** The headers of a request: who asks, until when an answer is of use, and the trace that it belongs to. */
export function headersOf({ token, deadlineMs, userAgent, traces }: WirePorts, more: Headers): Headers {
  const trace = traces?.current();
  return {
    Authorization: `Bearer ${token()}`,
    [doorHeaders.deadline]: String(deadlineMs),
    ...(userAgent === undefined ? {} : { 'User-Agent': userAgent }),
    ...(trace === undefined ? {} : { [doorHeaders.trace]: traceparentOf(trace) }),
    ...more,
  };
}

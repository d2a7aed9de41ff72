/** Converts times between RFC 3339 and protobuf. */

import { timeText } from '../machinery/index.ts';

/** Seconds since 1970 and nanoseconds, as protobuf has times. */
interface WireInstant {
  readonly seconds: number;
  readonly nanos: number;
}

/** The JSON text of an instant: whole seconds, or six digits. */
export function instantText({ seconds, nanos }: WireInstant, micro: boolean): string {
  const text = timeText(seconds * 1000);
  return micro ? `${text.slice(0, -1)}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : text;
}

/** The instant of an RFC 3339 text in UTC, as stored objects have it. */
export function instantOf(text: string): WireInstant {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return {
    seconds: Math.floor(Date.parse(text.replace(/\.\d+/, '')) / 1000),
    nanos: Number(fraction.padEnd(9, '0').slice(0, 9)),
  };
}

/** Converts times between RFC 3339 and protobuf. */

/** Seconds since 1970 and nanoseconds, as protobuf has times. */
export interface WireInstant {
  readonly seconds: number;
  readonly nanos: number;
}

/** The JSON text of an instant: whole seconds, or six digits. */
export function instantText({ seconds, nanos }: WireInstant, micro: boolean): string {
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  return micro ? `${text}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : `${text}Z`;
}

/** The instant of an RFC 3339 text in UTC, as stored objects have it. */
export function instantOf(text: string): WireInstant {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return {
    seconds: Math.floor(Date.parse(text.replace(/\.\d+/, '')) / 1000),
    nanos: Number(fraction.padEnd(9, '0').slice(0, 9)),
  };
}

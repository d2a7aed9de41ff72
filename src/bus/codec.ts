import { Packr } from 'msgpackr';

/** Plain msgpack: no extensions that only msgpackr reads, so that any NATS client can take part. */
const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false, mapsAsObjects: true, int64AsType: 'number' });

/** msgpack bytes of a plain value; undefined fields are left out. */
export function encode(value: unknown): Uint8Array {
  return packr.pack(dropUndefined(value));
}

/** The value of msgpack bytes. Throws on malformed input: the caller parses what comes over a wire. */
export function decode(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** msgpack has no undefined; an absent field stays absent. Only copies what has one. */
function dropUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return entries.some(([, field]) => field === undefined) ? Object.fromEntries(entries.filter(([, field]) => field !== undefined)) : value;
}

/** The codec of the bus: plain msgpack. */
import { Packr } from 'msgpackr';

/** Plain msgpack: no extensions that only msgpackr reads, so that any NATS client can take part. */
const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true, mapsAsObjects: true, int64AsType: 'number' });

/** msgpack bytes of a plain value; undefined fields are left out. */
export function encode(value: unknown): Uint8Array {
  return packr.pack(dropUndefined(value));
}

/** The value of msgpack bytes. Throws on malformed input: the caller parses what comes over a wire. */
export function decode(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/**
 * Like `decode`, but undefined for malformed input: for receivers that then do the same as for what is none of their
 * messages.
 */
export function decodeIfWhole(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

/** msgpack has no undefined; an absent field stays absent. Copies only what holds one. */
function dropUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map(dropUndefined);
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  const entries = Object.entries(value);
  const kept = entries
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => [name, dropUndefined(field)] as const);
  const same = kept.length === entries.length && kept.every(([, field], i) => field === entries[i]?.[1]);
  return same ? value : Object.fromEntries(kept);
}

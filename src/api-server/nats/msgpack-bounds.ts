/** Weighs a msgpack message in one cheap pass, before it is decoded. */
import { ExcessError, isInexactInt64 } from '../../api/index.ts';
import { limits } from '../../base/index.ts';

/** As deep as JSON may be. */
const depthMax = 1000;

interface Item {
  /** Where the next item begins. */
  readonly next: number;
  /** Items inside: those of a list, keys and values of a map. */
  readonly inside: number;
}

/**
 * Why a message is too much work; undefined when it is not. A map's members and a list's items count, as the bounds of
 * JSON count them. What is no msgpack is left to the decoder.
 */
export function msgpackExcess(bytes: Uint8Array): ExcessError | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const open: number[] = [];
  let values = 0;
  for (let at = 0; at < bytes.byteLength;) {
    const { next, inside } = itemAt(view, at);
    at = next;
    values += 1;
    if (values + inside > 2 * limits.bodyValuesMax)
      return new ExcessError('msgpack', 'values', `the message has more than ${limits.bodyValuesMax} values`);
    // Members of a map are two items each, and what is a list here may stand for one.
    if (inside > 2 * limits.bodyMembersMax)
      return new ExcessError('msgpack', 'values', `an object or list has more than ${limits.bodyMembersMax} values`);
    if (inside > 0) open.push(inside);
    else for (let left = take(open); left === 0; left = take(open)) open.pop();
    if (open.length > depthMax) return new ExcessError('msgpack', 'depth', 'exceeded max depth');
  }
  return undefined;
}

const [uint64, int64] = [0xcf, 0xd3];

/**
 * An int64 of a message that was weighed, of which the decoder would not keep every digit; undefined when there is
 * none. More than an int64 is a float64 to Kubernetes as well.
 */
export function inexactMember(bytes: Uint8Array): bigint | undefined {
  if (!bytes.includes(uint64) && !bytes.includes(int64)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at = itemAt(view, at).next) {
    const first = view.getUint8(at);
    if ((first !== uint64 && first !== int64) || at + 9 > bytes.byteLength) continue;
    const value = first === int64 ? view.getBigInt64(at + 1) : view.getBigUint64(at + 1);
    if (isInexactInt64(value)) return value;
  }
  return undefined;
}

/** Counts an item of the innermost list or map: how many are left of it. */
function take(open: number[]): number | undefined {
  const last = open.length - 1;
  const left = open[last];
  if (left === undefined) return undefined;
  open[last] = left - 1;
  return left - 1;
}

/** Bytes that follow the first one of a scalar of a fixed size. */
const fixed: Readonly<Record<number, number>> = {
  ...{ 0xca: 4, 0xcb: 8, 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8, 0xd0: 1, 0xd1: 2, 0xd2: 4, 0xd3: 8 },
  ...{ 0xd4: 2, 0xd5: 3, 0xd6: 5, 0xd7: 9, 0xd8: 17 },
};
/** Bytes of the length of a text, of bytes, or of an extension, which has a type besides. */
const lengths: Readonly<Record<number, 1 | 2 | 4>> = {
  ...{ 0xc4: 1, 0xc5: 2, 0xc6: 4, 0xc7: 1, 0xc8: 2, 0xc9: 4, 0xd9: 1, 0xda: 2, 0xdb: 4 },
};

function itemAt(view: DataView, at: number): Item {
  const first = view.getUint8(at);
  if (first >= 0x80 && first <= 0x8f) return { next: at + 1, inside: 2 * (first & 0x0f) };
  if (first >= 0x90 && first <= 0x9f) return { next: at + 1, inside: first & 0x0f };
  if (first >= 0xa0 && first <= 0xbf) return { next: at + 1 + (first & 0x1f), inside: 0 };
  const wide = lengths[first];
  if (wide !== undefined) {
    const extension = first >= 0xc7 && first <= 0xc9 ? 1 : 0;
    return { next: at + 1 + wide + extension + numberAt(view, at + 1, wide), inside: 0 };
  }
  if (first >= 0xdc && first <= 0xdf) {
    const size = first % 2 === 0 ? 2 : 4;
    return { next: at + 1 + size, inside: numberAt(view, at + 1, size) * (first >= 0xde ? 2 : 1) };
  }
  return { next: at + 1 + (fixed[first] ?? 0), inside: 0 };
}

/** 0 where the message ends before. */
function numberAt(view: DataView, at: number, bytes: 1 | 2 | 4): number {
  if (at + bytes > view.byteLength) return 0;
  return bytes === 1 ? view.getUint8(at) : bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

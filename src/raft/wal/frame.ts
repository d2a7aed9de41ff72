/** The layout of a log segment: header, frames, items. */
import { type Cipher, CipherError, type LogIndex, type Term } from '../../base/index.ts';
import type { Entry, HardState, Identity } from '../core/index.ts';
import { crc32c } from './crc32c.ts';

/*
 * A segment is a header, marks (mark.ts) and frames; a frame is one batch, valid as a whole or not at all.
 *
 *   header: magic u32 | format u32 | segment u32 | crc u32
 *   frame:  magic u32 | segment u32 | position u32 | length u32 | crc u32 | payload of `length` bytes
 *
 * With a disk that has a cipher the payload is sealed as a whole and the frame has another magic; its place, which
 * the frame names, is bound to it. The CRC is over the sealed bytes, so that damage and a missing key are told apart.
 * A frame names its own segment and position, so bytes that were left from elsewhere are never taken for it.
 */
export const headerBytes = 16;
const frameBytes = 20;
const headerMagic = 0x5452504c;
const frameMagic = 0x54525046;
const sealedMagic = 0x54525053;
/** Raised with each incompatible change of the layout. */
export const format = 4;
/** Older layouts that are still read: 1 knew no sealed frames, 2 no identities, 3 no marks. */
export const formatMin = 1;
/** From this layout on marks stand between header and frames, and the header is durable before the first frame. */
export const marksFrom = 4;

/** What one frame says, in this order: the log starts again behind a snapshot, then the hard state, then entries. */
export interface Batch {
  readonly base?: { readonly index: LogIndex; readonly term: Term } | undefined;
  readonly hardState?: HardState | undefined;
  readonly entries: readonly Entry[];
}

const itemTypes = { base: 1, hardState: 2, entry: 3, identity: 4 } as const;
const entryTypes = ['data', 'empty', 'configuration'] as const;
const entryBytes = 1 + 8 + 8 + 1 + 4;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function encodeHeader(segment: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = viewOf(bytes);
  view.setUint32(0, headerMagic);
  view.setUint32(4, format);
  view.setUint32(8, segment);
  view.setUint32(12, crc32c(bytes.subarray(0, 12)));
  return bytes;
}

/** The header's format version; undefined when it is not a whole header of this segment. */
export function decodeHeader(bytes: Uint8Array, segment: number): number | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = viewOf(bytes);
  const whole =
    view.getUint32(0) === headerMagic &&
    view.getUint32(8) === segment &&
    view.getUint32(12) === crc32c(bytes.subarray(0, 12));
  return whole ? view.getUint32(4) : undefined;
}

/** The texts of a frame: whom the member voted for, and whose data it is, as JSON. */
interface Texts {
  readonly vote: Uint8Array;
  readonly identity: Uint8Array | undefined;
}

function textsOf({ hardState }: Batch): Texts {
  const encoder = new TextEncoder();
  const identity = hardState?.identity;
  return {
    vote: encoder.encode(hardState?.vote ?? ''),
    identity: identity === undefined ? undefined : encoder.encode(JSON.stringify(identity)),
  };
}

function sizeOf(batch: Batch, { vote, identity }: Texts): number {
  let size = batch.base === undefined ? 0 : 17;
  if (batch.hardState !== undefined) size += 19 + vote.length;
  if (identity !== undefined) size += 3 + identity.length;
  for (const entry of batch.entries) size += entryBytes + entry.data.length;
  return size;
}

/** One frame in one buffer, sealed if there is a cipher. Its CRC covers everything but itself. */
export function encodeFrame(
  batch: Batch,
  place: { readonly segment: number; readonly position: number },
  cipher?: Cipher,
): Uint8Array {
  const plain = plainFrame(batch, place);
  if (cipher === undefined) return withCrc(plain);
  const bytes = cipher.seal(plain.subarray(frameBytes), plain.subarray(4, 12), frameBytes);
  const view = viewOf(bytes);
  bytes.set(plain.subarray(0, frameBytes));
  view.setUint32(0, sealedMagic);
  view.setUint32(12, bytes.length - frameBytes);
  return withCrc(bytes);
}

function withCrc(frame: Uint8Array): Uint8Array {
  viewOf(frame).setUint32(16, frameCrc(frame));
  return frame;
}

/** All but the CRC. */
function plainFrame(batch: Batch, place: { readonly segment: number; readonly position: number }): Uint8Array {
  const texts = textsOf(batch);
  const size = sizeOf(batch, texts);
  const bytes = new Uint8Array(frameBytes + size);
  const view = viewOf(bytes);
  view.setUint32(0, frameMagic);
  view.setUint32(4, place.segment);
  view.setUint32(8, place.position);
  view.setUint32(12, size);
  writeItems(batch, texts, { bytes, view });
  return bytes;
}

function writeItems(
  batch: Batch,
  { vote, identity }: Texts,
  { bytes, view }: { readonly bytes: Uint8Array; readonly view: DataView },
): void {
  let at = frameBytes;
  if (batch.base !== undefined) {
    bytes[at] = itemTypes.base;
    view.setFloat64(at + 1, batch.base.index);
    view.setFloat64(at + 9, batch.base.term);
    at += 17;
  }
  if (batch.hardState !== undefined) {
    bytes[at] = itemTypes.hardState;
    view.setFloat64(at + 1, batch.hardState.term);
    view.setFloat64(at + 9, batch.hardState.commit);
    view.setUint16(at + 17, vote.length);
    bytes.set(vote, at + 19);
    at += 19 + vote.length;
  }
  if (identity !== undefined) {
    bytes[at] = itemTypes.identity;
    view.setUint16(at + 1, identity.length);
    bytes.set(identity, at + 3);
    at += 3 + identity.length;
  }
  for (const entry of batch.entries) {
    bytes[at] = itemTypes.entry;
    view.setFloat64(at + 1, entry.index);
    view.setFloat64(at + 9, entry.term);
    bytes[at + 17] = entryTypes.indexOf(entry.type);
    view.setUint32(at + 18, entry.data.length);
    bytes.set(entry.data, at + entryBytes);
    at += entryBytes + entry.data.length;
  }
}

function frameCrc(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(frameBytes), crc32c(bytes.subarray(0, 16)));
}

/** The whole frame at `position` of a segment's bytes; undefined when there is none, or it is torn or damaged. */
export function frameAt(
  bytes: Uint8Array,
  place: { readonly segment: number; readonly position: number },
): Uint8Array | undefined {
  const { segment, position } = place;
  if (position + frameBytes > bytes.length) return undefined;
  const view = viewOf(bytes);
  const magic = view.getUint32(position);
  if (
    (magic !== frameMagic && magic !== sealedMagic) ||
    view.getUint32(position + 4) !== segment ||
    view.getUint32(position + 8) !== position
  )
    return undefined;
  const end = position + frameBytes + view.getUint32(position + 12);
  if (end > bytes.length) return undefined;
  const frame = bytes.subarray(position, end);
  return frameCrc(frame) === view.getUint32(position + 16) ? frame : undefined;
}

/** The position of the first whole frame at or after `from`; undefined when there is none. */
export function nextFrame(bytes: Uint8Array, segment: number, from: number): number | undefined {
  const first = frameMagic >>> 24;
  for (let position = bytes.indexOf(first, from); position >= 0; position = bytes.indexOf(first, position + 1)) {
    if (frameAt(bytes, { segment, position }) !== undefined) return position;
  }
  return undefined;
}

/** What a whole frame says. Throws CipherError when it is sealed and cannot be opened. */
export function decodeFrame(whole: Uint8Array, cipher?: Cipher): Batch {
  const frame = opened(whole, cipher);
  const view = viewOf(frame);
  const entries: Entry[] = [];
  let base: Batch['base'];
  let hardState: HardState | undefined;
  let at = frameBytes;
  while (at < frame.length) {
    const type = frame[at];
    if (type === itemTypes.identity && hardState !== undefined) {
      const end = at + 3 + view.getUint16(at + 1);
      const identity = JSON.parse(new TextDecoder().decode(frame.subarray(at + 3, end))) as Identity;
      hardState = { ...hardState, identity };
      at = end;
      continue;
    }
    const first = view.getFloat64(at + 1);
    const second = view.getFloat64(at + 9);
    if (type === itemTypes.base) {
      base = { index: first as LogIndex, term: second as Term };
      at += 17;
    } else if (type === itemTypes.hardState) {
      const end = at + 19 + view.getUint16(at + 17);
      hardState = {
        term: first as Term,
        commit: second as LogIndex,
        vote: new TextDecoder().decode(frame.subarray(at + 19, end)),
      };
      at = end;
    } else {
      const end = at + entryBytes + view.getUint32(at + 18);
      entries.push({
        index: first as LogIndex,
        term: second as Term,
        type: entryTypes[frame[at + 17] ?? 0] ?? 'data',
        data: frame.slice(at + entryBytes, end),
      });
      at = end;
    }
  }
  return { entries, base, hardState };
}

/** The frame with its payload as it was before it was sealed. */
function opened(frame: Uint8Array, cipher: Cipher | undefined): Uint8Array {
  if (viewOf(frame).getUint32(0) !== sealedMagic) return frame;
  if (cipher === undefined) throw new CipherError('no-key', 'the log is encrypted and no key was given');
  const payload = cipher.open(frame.subarray(frameBytes), frame.subarray(4, 12));
  const plain = new Uint8Array(frameBytes + payload.length);
  plain.set(payload, frameBytes);
  return plain;
}

/** The marks in a segment's head: what the log had promised, told apart from the frames that hold it. */
import { assert, type LogIndex, type Term } from '../../base/index.ts';
import type { HardState, LogEnd } from '../core/index.ts';
import { crc32c } from './crc32c.ts';

/*
 * A frame cannot say that it is missing. So each batch also writes a mark into the head of its segment, far from the
 * frame, and the same sync makes both durable. There are two slots, written in turn: a crash may tear the newer one,
 * and then the batch was not acknowledged and the older one holds. Layout of a slot:
 *
 *   magic u32 | crc u32 | length u32 | segment u32 | sequence u32 | position u32 | end u32 | followed u32 |
 *   last index, last term, owed index, owed term, term, commit: f64 | vote
 */
const magic = 0x5452504d;
/** What a disk writes at once: a slot is not torn, and a torn one does not touch its neighbour. */
const slotBytes = 512;
const slots = 2;
const fixedBytes = 8 * 4 + 6 * 8;
/** Where the frames of a segment begin: behind the header and the slots, each in a sector of its own. */
export const marksEnd = slotBytes * (1 + slots);

export interface Mark {
  readonly segment: number;
  /** Counts the marks of this segment; decides about the slot. */
  readonly sequence: number;
  /** Where the newest frame begins: all before it is durable. Equal to `end` when the newest is known to be, too. */
  readonly position: number;
  /** Where the newest frame ends. */
  readonly end: number;
  /** A later segment was begun, and its name was durable then. */
  readonly followed: boolean;
  /** Where the log ends with the newest frame. */
  readonly last: LogEnd;
  /** What was lost before and is not here again; index 0 for nothing. */
  readonly owed: LogEnd;
  /** As of the newest frame. */
  readonly hardState: HardState;
}

export const slotOf = (sequence: number): number => slotBytes * (1 + (sequence % slots));

/** One slot. */
export function encodeMark(mark: Mark): Uint8Array {
  const vote = new TextEncoder().encode(mark.hardState.vote);
  const bytes = new Uint8Array(fixedBytes + vote.length);
  assert(bytes.length <= slotBytes, `a vote of ${vote.length} bytes fits a mark`);
  const view = new DataView(bytes.buffer);
  const words = [
    magic,
    0,
    bytes.length,
    mark.segment,
    mark.sequence,
    mark.position,
    mark.end,
    mark.followed ? 1 : 0,
  ] as const;
  for (const [place, word] of words.entries()) view.setUint32(place * 4, word);
  const { last, owed, hardState } = mark;
  const numbers = [last.index, last.term, owed.index, owed.term, hardState.term, hardState.commit];
  for (const [place, number] of numbers.entries()) view.setFloat64(words.length * 4 + place * 8, number);
  bytes.set(vote, fixedBytes);
  view.setUint32(4, crc32c(bytes.subarray(8)));
  return bytes;
}

function decodeMark(bytes: Uint8Array, segment: number): Mark | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(8);
  if (view.getUint32(0) !== magic || length < fixedBytes || length > bytes.length) return undefined;
  if (view.getUint32(4) !== crc32c(bytes.subarray(8, length)) || view.getUint32(12) !== segment) return undefined;
  const [word, number] = [
    (place: number) => view.getUint32(place * 4),
    (place: number) => view.getFloat64(32 + place * 8),
  ];
  return {
    segment,
    sequence: word(4),
    position: word(5),
    end: word(6),
    followed: word(7) === 1,
    last: { index: number(0) as LogIndex, term: number(1) as Term },
    owed: { index: number(2) as LogIndex, term: number(3) as Term },
    hardState: {
      term: number(4) as Term,
      commit: number(5) as LogIndex,
      vote: new TextDecoder().decode(bytes.subarray(fixedBytes, length)),
    },
  };
}

/** The newest whole mark in the head of a segment. */
export function newestMark(bytes: Uint8Array, segment: number): Mark | undefined {
  if (bytes.length < marksEnd) return undefined;
  const [first, second] = Array.from({ length: slots }, (_, slot) =>
    decodeMark(bytes.subarray(slotOf(slot), slotOf(slot) + slotBytes), segment),
  );
  return (second?.sequence ?? -1) > (first?.sequence ?? -1) ? second : first;
}

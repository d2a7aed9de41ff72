/** The last hour of frames, in bounded memory. */
import { limits } from '../base/index.ts';
import type { Frame, Tick, TimelineEvent } from './frame.ts';
import { Picture } from './picture.ts';

interface Kept {
  readonly at: number;
  /** Monotonic: how old it is. */
  readonly keptAt: number;
  readonly text: string;
  readonly events: readonly TimelineEvent[];
}

/** Figures are kept this often: a plot of an hour needs no more. */
const figuresPeriodMs = 10_000;

/**
 * The picture as it was at the beginning of the hour, and each change since. What falls out of the
 * hour (or of the bytes) is applied to the beginning, so the memory is one picture and the changes, however long the
 * process lives. Counters of messages are left out; a crash, a restart and everything else that an operator looks back
 * for is in.
 */
export class Recording {
  readonly #base = new Picture();
  readonly #sequences = new Map<string, number>();
  readonly #figuresAt = new Map<string, number>();
  #kept: Kept[] = [];
  #bytes = 0;
  #baseAt = 0;

  /** Bytes of the changes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `now` is monotonic: a wall clock that is set ends no hour. */
  add(tick: Tick, now: number): void {
    if (this.#baseAt === 0) this.#baseAt = tick.at;
    const frames = tick.frames.flatMap((frame) => this.#slimmed(frame, now));
    const { events = [], alerts } = tick;
    if (frames.length > 0 || events.length > 0 || alerts !== undefined) {
      const text = JSON.stringify({ at: tick.at, frames, alerts });
      this.#kept.push({ at: tick.at, keptAt: now, text, events });
      this.#bytes += sizeOf(text, events);
    }
    this.#trim(now);
  }

  /** The newest events after a moment, at most `limits.timelineEventsPerTickMax`. */
  eventsSince(at: number): readonly TimelineEvent[] {
    return this.#kept
      .filter((kept) => kept.at > at)
      .flatMap(({ events }) => events)
      .slice(-limits.timelineEventsPerTickMax);
  }

  /** `{from, to, base: Frame[], ticks: Tick[]}` as JSON; `visible` says which events its reader may see. */
  json(to: number, visible: (event: TimelineEvent) => boolean): string {
    const ticks = this.#kept.map(({ text, events }) => {
      const seen = events.filter(visible);
      return seen.length === 0 ? text : `${text.slice(0, -1)},"events":${JSON.stringify(seen)}}`;
    });
    const base = JSON.stringify(this.#base.frames());
    return `{"from":${this.#baseAt},"to":${to},"base":${base},"ticks":[${ticks.join(',')}]}`;
  }

  /** The frame without what is not worth an hour's memory; numbered again, since some frames fall away whole. */
  #slimmed({ counts: _, figures, store, ...frame }: Frame, now: number): Frame[] {
    const due = frame.reset === true || now - (this.#figuresAt.get(frame.process) ?? -Infinity) >= figuresPeriodMs;
    const worth =
      frame.reset === true ||
      frame.silent !== undefined ||
      (frame.put?.length ?? 0) + (frame.gone?.length ?? 0) > 0 ||
      frame.shards !== undefined ||
      due;
    if (!worth) return [];
    const sequence =
      frame.silent === undefined || frame.reset === true
        ? (this.#sequences.get(frame.process) ?? 0) + 1
        : (this.#sequences.get(frame.process) ?? 0);
    this.#sequences.set(frame.process, sequence);
    if (!due) return [{ ...frame, sequence }];
    this.#figuresAt.set(frame.process, now);
    return [{ ...frame, sequence, figures, store }];
  }

  #trim(now: number): void {
    let dropped = 0;
    for (const { at, keptAt, text, events } of this.#kept) {
      if (now - keptAt <= limits.replayMs && this.#bytes <= limits.replayBytesMax) break;
      for (const frame of (JSON.parse(text) as Tick).frames) this.#base.apply(frame);
      this.#bytes -= sizeOf(text, events);
      this.#baseAt = at;
      dropped += 1;
    }
    if (dropped > 0) this.#kept = this.#kept.slice(dropped);
  }
}

/** UTF-16 units are near enough to bytes: the text is nearly all ASCII. */
function sizeOf(text: string, events: readonly TimelineEvent[]): number {
  return text.length + events.reduce((sum, { title, detail }) => sum + title.length + detail.length + 100, 0);
}

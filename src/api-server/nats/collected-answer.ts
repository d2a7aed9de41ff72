/** A streamed answer that comes to an end by itself (a log that is not followed), gathered to be sent whole. */
import { timeoutError, tooLarge } from '../../api/index.ts';
import { limits, type Timer, type Timers } from '../../base/index.ts';
import { failureResponse } from '../answers/failure.ts';
import type { BodySink, BodyStream } from '../request.ts';
import type { WholeAnswer } from './api-reply.ts';
import { brokenOff } from './body-streams.ts';

const collectedBytesMax = 16 * 1024 * 1024;

interface StreamedAnswer {
  readonly status: number;
  readonly headers: WholeAnswer['headers'];
  readonly body: BodyStream;
}

/** Resolves with the whole answer, or with a refusal when it is too large or does not end in time. Never rejects. */
export function collected(answer: StreamedAnswer, timers: Timers): Promise<WholeAnswer> {
  return new Promise((resolve) => {
    answer.body(new Collector(answer, timers, resolve));
  });
}

class Collector implements BodySink {
  readonly full = false;
  readonly #answer: StreamedAnswer;
  readonly #timer: Timer;
  readonly #done: (whole: WholeAnswer) => void;
  readonly #pieces: Uint8Array[] = [];
  readonly #closed: (() => void)[] = [];
  #size = 0;
  #over = false;

  constructor(answer: StreamedAnswer, timers: Timers, done: (whole: WholeAnswer) => void) {
    this.#answer = answer;
    this.#done = done;
    this.#timer = timers.after(limits.requestMs, () => {
      const late = timeoutError('the answer did not come to an end in time; follow it as a stream');
      this.#finish(failureResponse(late));
    });
  }

  write(bytes: Uint8Array): boolean {
    this.#pieces.push(bytes);
    this.#size += bytes.byteLength;
    if (this.#size > collectedBytesMax)
      this.#finish(failureResponse(tooLarge(`limit is ${collectedBytesMax}; follow it as a stream`)));
    return !this.#over;
  }

  end(): void {
    const { status, headers } = this.#answer;
    this.#finish({ status, headers, body: this.#pieces });
  }

  abort(): void {
    this.#finish(failureResponse(brokenOff()));
  }

  onDrain(): void {
    // Never full, so never drained.
  }

  onClose(listener: () => void): void {
    this.#closed.push(listener);
  }

  #finish(whole: WholeAnswer): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    for (const listener of this.#closed) listener();
    this.#done(whole);
  }
}

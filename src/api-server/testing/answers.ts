/** What tests read from answers. */
import { type ApiHttpResponse, type BodySink, textOf } from '../request.ts';

/** The text of an answer that is no stream. */
export function bodyText(response: ApiHttpResponse): string {
  if (typeof response.body === 'function') throw new Error('the answer is a stream');
  return response.body instanceof Uint8Array ? textOf(response.body) : response.body.map(textOf).join('');
}

export function bodyJson(response: ApiHttpResponse): Record<string, unknown> {
  return JSON.parse(bodyText(response)) as Record<string, unknown>;
}

/** Collects what a stream writes. */
export class CollectingSink implements BodySink {
  text = '';
  ended = false;
  aborted = false;
  full = false;
  slow = false;
  readonly #closed: (() => void)[] = [];
  write(bytes: Uint8Array): boolean {
    this.text += textOf(bytes);
    return !this.slow;
  }
  end(): void {
    this.ended = true;
  }
  abort(): void {
    this.aborted = true;
  }
  onDrain(): void {
    // Never full, so never drained.
  }
  onClose(listener: () => void): void {
    this.#closed.push(listener);
  }
  close(): void {
    for (const listener of this.#closed) listener();
  }
}

/** Starts a streamed answer. */
export function streamOf(response: ApiHttpResponse): CollectingSink {
  const sink = new CollectingSink();
  if (typeof response.body !== 'function') throw new Error('the answer is no stream');
  response.body(sink);
  return sink;
}

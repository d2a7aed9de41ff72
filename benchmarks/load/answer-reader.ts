/** Reads HTTP/1.1 answers from a bare connection. */

/** Counts whole HTTP/1.1 answers in what a connection receives; just enough of HTTP for a server that is known. */
export class AnswerReader {
  /** Statuses of the answers that ended, in order. */
  readonly #onAnswer: (status: number) => void;
  #head = '';
  #status = 0;
  #left = -1;
  #chunkedTail: string | undefined;

  constructor(onAnswer: (status: number) => void) {
    this.#onAnswer = onAnswer;
  }

  read(data: Buffer): void {
    let at = 0;
    while (at < data.length)
      at =
        this.#chunkedTail !== undefined
          ? this.#skipChunked(data, at)
          : this.#left >= 0
            ? this.#skipBody(data, at)
            : this.#readHead(data, at);
  }

  #readHead(data: Buffer, from: number): number {
    const before = this.#head.length;
    this.#head += data.toString('latin1', from);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return data.length;
    const head = this.#head.slice(0, end).toLowerCase();
    this.#head = '';
    this.#status = Number(head.slice(9, 12));
    if (head.includes('transfer-encoding: chunked')) this.#chunkedTail = '';
    else this.#left = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (this.#left === 0) this.#ended();
    return from + end + 4 - before;
  }

  #skipBody(data: Buffer, at: number): number {
    const taken = Math.min(this.#left, data.length - at);
    this.#left -= taken;
    if (this.#left === 0) this.#ended();
    return at + taken;
  }

  #skipChunked(data: Buffer, at: number): number {
    const tail = (this.#chunkedTail ?? '') + data.toString('latin1', Math.max(at, data.length - 7));
    this.#chunkedTail = tail.slice(-7);
    if (tail.endsWith('\r\n0\r\n\r\n')) this.#ended();
    return data.length;
  }

  #ended(): void {
    this.#left = -1;
    this.#chunkedTail = undefined;
    this.#onAnswer(this.#status);
  }
}

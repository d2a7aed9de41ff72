/** The status line and header fields of an HTTP/1.1 answer, as one text. */
import { STATUS_CODES } from 'node:http';
import type { AnswerHeaders } from './outgoing.ts';

const outsideFieldValues = /[^\t -~\x80-\xff]/;
const newestLinesMax = 256;
const keptLineMax = 1024;

interface Line {
  readonly value: string;
  readonly text: string;
}

/** Keeps the newest line of each header: most have the value that they had in the last answer. */
export class HeadWriter {
  readonly #newest = new Map<string, Line>();

  /** Throws for a value that a field cannot hold. */
  text(status: number, headers: AnswerHeaders): string {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (const name in headers) {
      const value = headers[name] ?? '';
      if (typeof value === 'string') text += this.#line(name, value);
      else for (const one of value) text += this.#line(name, one);
    }
    return `${text}\r\n`;
  }

  #line(name: string, value: string): string {
    const newest = this.#newest.get(name);
    if (newest?.value === value) return newest.text;
    if (outsideFieldValues.test(value))
      throw new TypeError(`the header ${name} has characters that a header cannot hold`);
    const text = `${name}: ${value}\r\n`;
    if (text.length > keptLineMax) return text;
    if (newest === undefined && this.#newest.size >= newestLinesMax) this.#newest.clear();
    this.#newest.set(name, { value, text });
    return text;
  }
}

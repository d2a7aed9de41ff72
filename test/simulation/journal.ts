/** The log of a run. */
import { createHash, type Hash } from 'node:crypto';

/** Each line with its virtual time. Kept as a hash always, and printed when asked for. */
export class Journal {
  readonly #hash: Hash = createHash('sha256');
  readonly #print: ((line: string) => void) | undefined;
  readonly #now: () => number;
  lines = 0;
  #ended = false;
  /** The newest lines, for a report without `--verbose`. */
  readonly recent: string[] = [];

  constructor(now: () => number, print?: (line: string) => void) {
    this.#now = now;
    this.#print = print;
  }

  /** What still comes after the end (a file that was being read) is not of the run. */
  note(text: string): void {
    if (this.#ended) return;
    const line = `${this.#now().toFixed(3).padStart(11)} ${text}`;
    this.lines += 1;
    this.#hash.update(line);
    this.recent.push(line);
    if (this.recent.length > 60) this.recent.shift();
    this.#print?.(line);
  }

  /** Equal for equal runs. Call once, at the end. */
  digest(): string {
    this.#ended = true;
    return this.#hash.digest('hex').slice(0, 16);
  }
}

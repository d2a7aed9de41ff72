/** A histogram in the text format of Prometheus. */

/** How many values are as large as each bound or smaller, and their sum. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** How many are as long as each bound or shorter, but longer than the one before. */
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  /** `bounds`: upper ones, in order. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const place = this.#bounds.findIndex((bound) => value <= bound);
    if (place >= 0) this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#count += 1;
    this.#sum += value;
  }

  /** Its lines under a name; `label` as they have it, such as `a="b"`. */
  lines(name: string, label: string): readonly string[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, i) => {
      below += this.#counts[i] ?? 0;
      return `${name}_bucket{${label},le="${bound}"} ${below}`;
    });
    return [
      ...buckets,
      `${name}_bucket{${label},le="+Inf"} ${this.#count}`,
      `${name}_sum{${label}} ${this.#sum}`,
      `${name}_count{${label}} ${this.#count}`,
    ];
  }
}

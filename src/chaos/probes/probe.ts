/** What clients of one kind felt: every attempt with its time and outcome, and the outages between successes. */

/** Moments in ms since the start of the workload. */
export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One second of a probe. */
export interface Second {
  readonly atMs: number;
  readonly succeeded: number;
  readonly failed: number;
  /** The slowest 99th percentile success in ms; 0 without one. */
  readonly p99Ms: number;
}

const failuresKept = 20;

/** The value below which this share of the sorted values lies; 0 of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export class ProbeLog {
  readonly name: string;
  /** A time without a success that is longer than this is an outage. */
  readonly toleranceMs: number;
  /** Moments at which a success ended, ascending, and how long it took. */
  readonly #ends: number[] = [];
  readonly #took: number[] = [];
  readonly #failures: number[] = [];
  readonly #reasons: { readonly atMs: number; readonly why: string }[] = [];

  constructor(name: string, toleranceMs: number) {
    this.name = name;
    this.toleranceMs = toleranceMs;
  }

  succeeded(beganMs: number, endedMs: number): void {
    this.#ends.push(endedMs);
    this.#took.push(endedMs - beganMs);
  }

  failed(endedMs: number, why: string): void {
    this.#failures.push(endedMs);
    if (this.#reasons.length < failuresKept) this.#reasons.push({ atMs: endedMs, why });
  }

  /** The end of the last attempt; undefined without one: what comes after it is no outage. */
  get lastMs(): number | undefined {
    const last = Math.max(this.#ends.at(-1) ?? 0, this.#failures.at(-1) ?? 0);
    return last === 0 ? undefined : last;
  }

  get attempts(): number {
    return this.#ends.length + this.#failures.length;
  }

  get failures(): number {
    return this.#failures.length;
  }

  /** The first failures with their reasons. */
  get reasons(): readonly { readonly atMs: number; readonly why: string }[] {
    return this.#reasons;
  }

  get errorPercent(): number {
    return this.attempts === 0 ? 0 : (100 * this.failures) / this.attempts;
  }

  latency(): { readonly p50: number; readonly p99: number; readonly max: number } {
    const sorted = this.#took.toSorted((a, b) => a - b);
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? 0 };
  }

  /** Every time without a success that was longer than tolerated, from the first attempt to `endMs`. */
  outages(endMs: number): readonly Outage[] {
    const found: Outage[] = [];
    let last = Math.min(this.#ends[0] ?? endMs, this.#failures[0] ?? endMs);
    for (const at of [...this.#ends.filter((end) => end <= endMs), endMs]) {
      if (at - last > this.toleranceMs) found.push({ fromMs: last, untilMs: at });
      last = Math.max(last, at);
    }
    return found;
  }

  seconds(endMs: number): readonly Second[] {
    const count = Math.ceil(endMs / 1_000);
    const took: number[][] = Array.from({ length: count }, () => []);
    const failed = Array.from({ length: count }, () => 0);
    for (const [i, end] of this.#ends.entries()) took[Math.floor(end / 1_000)]?.push(this.#took[i] ?? 0);
    for (const end of this.#failures) {
      const second = Math.floor(end / 1_000);
      if (second < count) failed[second] = (failed[second] ?? 0) + 1;
    }
    return took.map((each, i) => ({
      atMs: i * 1_000,
      succeeded: each.length,
      failed: failed[i] ?? 0,
      p99Ms: Math.round(
        quantile(
          each.toSorted((a, b) => a - b),
          0.99,
        ),
      ),
    }));
  }
}

/** The probes of a run by name. */
export class Probes {
  readonly #probes = new Map<string, ProbeLog>();

  of(name: string, toleranceMs: number): ProbeLog {
    const found = this.#probes.get(name) ?? new ProbeLog(name, toleranceMs);
    this.#probes.set(name, found);
    return found;
  }

  get all(): readonly ProbeLog[] {
    return [...this.#probes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

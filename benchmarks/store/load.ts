/** Loads of puts and gets by many clients. */

/** Left out at the start of each run: connections, caches and compiled code settle. */
const warmUpMs = 1_500;

export interface Run {
  readonly perSecond: number;
  readonly latencies: number[];
}

export interface LoadOptions {
  readonly clients: number;
  readonly durationMs: number;
  readonly warmUpMs?: number;
}

let keys = 0;

/** A key that no call had before. */
export function freshKey(): string {
  keys += 1;
  return `/bench/${String(keys).padStart(10, '0')}`;
}

/** `clients` loops, each waiting for its answer before it asks again. */
export async function load(options: LoadOptions, call: (key: string) => Promise<void>): Promise<Run> {
  const { clients, durationMs } = options;
  const latencies: number[] = [];
  const begin = performance.now() + (options.warmUpMs ?? warmUpMs);
  const end = begin + durationMs;
  const client = async (): Promise<void> => {
    for (let at = performance.now(); at < end;) {
      await call(freshKey());
      const now = performance.now();
      if (at >= begin && now <= end) latencies.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { perSecond: latencies.length / (durationMs / 1000), latencies };
}

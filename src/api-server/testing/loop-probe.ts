/** Measures how long the event loop is held, by processor time as well: that is comparable on a busy machine. */

interface LongestTurns {
  /** Processor time of this thread in the longest turn, in ms. */
  readonly processorMs: number;
  readonly wallMs: number;
}

/** Processor time of this thread so far. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The longest turns of the loop while `work` goes on. */
export async function longestTurns(work: () => Promise<unknown>): Promise<LongestTurns> {
  const longest = { processorMs: 0, wallMs: 0 };
  let last = { processor: processorMs(), wall: performance.now() };
  let over = false;
  const turn = (): void => {
    const now = { processor: processorMs(), wall: performance.now() };
    longest.processorMs = Math.max(longest.processorMs, now.processor - last.processor);
    longest.wallMs = Math.max(longest.wallMs, now.wall - last.wall);
    last = now;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
    // The turn in which the work ended counts too.
    for (let i = 0; i < 2; i += 1)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
  } finally {
    over = true;
  }
  return longest;
}

/** What stays of the applied log in memory, for followers that lag. */
const entriesKept = 8_192;
const keptForFollowersBytes = 64 * 1024 * 1024;
/** What stays in memory while a snapshot travels: its receiver needs the log behind it. */
const keptForTransfersBytes = 512 * 1024 * 1024;

/** How much of the applied log stays in memory. */
export function logKept(options: {
  readonly alone: boolean;
  readonly applied: number;
  readonly entriesMax?: number | undefined;
  /** The first entry that a snapshot under way will need. */ readonly keptFrom: number | undefined;
}): { readonly entriesMax: number; readonly bytesMax: number } {
  const { alone, applied, entriesMax = entriesKept, keptFrom } = options;
  if (keptFrom !== undefined)
    return { entriesMax: Math.max(entriesMax, applied - keptFrom + 1), bytesMax: keptForTransfersBytes };
  return alone ? { entriesMax: 0, bytesMax: 0 } : { entriesMax, bytesMax: keptForFollowersBytes };
}

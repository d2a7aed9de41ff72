/** Makes answers of many or large objects in turns of the event loop. */
import { atOnce, inTurns, limits, type Steps, type Turns } from '../base/index.ts';
import type { StoredRecord } from '../state/index.ts';
import type { ApiHttpResponse } from './request.ts';

interface Answering {
  readonly turns: Turns | undefined;
  readonly user: string;
  /** What the answer is made of. */
  readonly records: readonly StoredRecord[];
}

/** The answer; one of more than a few bytes waits for its turn, and a long one for several. */
export async function answered(
  steps: Steps<ApiHttpResponse>,
  { turns, user, records }: Answering,
): Promise<ApiHttpResponse> {
  const bytes = bytesUpTo(records, limits.turnBytesMax);
  if (turns === undefined || bytes < limits.turnBytesMin) return atOnce(steps);
  const turn = (): Promise<void> | undefined => turns.take(user, bytes);
  const first = turn();
  if (first !== undefined) await first;
  return await inTurns(steps, turn);
}

/** Bytes of the records; no more than `max` where they are more. */
function bytesUpTo(records: readonly StoredRecord[], max: number): number {
  let bytes = 0;
  for (const record of records) if ((bytes += record.bytes.byteLength) > max) return max;
  return bytes;
}

/** Makes answers of many or large objects in turns of the event loop. */
import { atOnce, inTurns, limits, type Steps, type Turns } from '../base/index.ts';
import type { StoredRecord } from '../state/index.ts';
import type { ApiHttpResponse } from './request.ts';

/** Answers that look at fewer bytes are made in one go. */
const briefBytesMax = 2 * limits.turnBytesMax;

interface Answering {
  readonly turns: Turns | undefined;
  readonly user: string;
  /** What the answer is made of. */
  readonly records: readonly StoredRecord[];
}

/** The answer; a long one is made in turns, of which each user has his own. */
export async function answered(
  steps: Steps<ApiHttpResponse>,
  { turns, user, records }: Answering,
): Promise<ApiHttpResponse> {
  if (turns === undefined || isBrief(records)) return atOnce(steps);
  const turn = (): Promise<void> | undefined => turns.take(user, limits.turnBytesMax);
  const first = turn();
  if (first !== undefined) await first;
  return await inTurns(steps, turn);
}

function isBrief(records: readonly StoredRecord[]): boolean {
  let bytes = 0;
  for (const record of records) if ((bytes += record.bytes.byteLength) > briefBytesMax) return false;
  return true;
}

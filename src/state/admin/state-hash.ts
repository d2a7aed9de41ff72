/** The hash of a state, taken in steps. */
import { delay, type Revision, type Timers } from '../../base/index.ts';
import { CompactedError, type HashFormat, type KeySpace, StateHasher } from '../../mvcc/index.ts';
import { AdministrationError } from '../administration.ts';

/** Hashes what is readable at a revision, in steps between other work. Rejects with AdministrationError `compacted`. */
export async function hashInSteps(
  space: KeySpace,
  revision: Revision,
  { timers, format }: { readonly timers: Timers; readonly format: HashFormat },
): Promise<string> {
  const hasher = hasherOf(space, revision, format);
  try {
    while (!hasher.step()) await delay(timers, 0);
    return hasher.digest;
  } finally {
    hasher.close();
  }
}

function hasherOf(space: KeySpace, revision: Revision, format: HashFormat): StateHasher {
  try {
    return new StateHasher(space, revision, format);
  } catch (error) {
    if (error instanceof CompactedError) throw new AdministrationError('compacted', error.message, error);
    throw error;
  }
}

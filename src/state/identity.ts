/** Whose data a store's folder holds: drawn when it begins, kept in each of its files, compared when it is opened. */
import type { Random } from '../base/index.ts';
import { firstTimeline, type Identity } from '../raft/core/index.ts';
import { crc32c, ForeignError, type KeptMark, nameOf, type Recovered } from '../raft/wal/index.ts';

/** A name for a timeline or an incarnation that no other has. */
export const drawName = (random: Pick<Random, 'uuid'>): string => random.uuid().replaceAll('-', '').slice(0, 16);

interface Founding {
  readonly member: string;
  readonly voters: readonly string[];
  readonly random: Pick<Random, 'uuid'>;
  readonly cluster?: string | undefined;
  readonly timeline?: string | undefined;
}

/** The identity of an empty folder: founders begin a timeline, whoever joins learns it from the leader. */
export function foundedIdentity(options: Founding): Identity {
  const { member, voters, random, cluster = '', timeline } = options;
  const incarnation = drawName(random);
  if (voters.length === 0) return { member, incarnation, timeline: '', joinedAt: null };
  // Several founders cannot draw one name together: without a given one it is made of what they all know.
  const founders = new TextEncoder().encode(`${cluster}/${[...voters].sort().join()}`);
  const known = voters.length === 1 ? drawName(random) : crc32c(founders).toString(16).padStart(8, '0');
  return { member, incarnation, timeline: timeline ?? known };
}

/** The identity of a folder that an older program wrote. */
export function olderIdentity({ member, random }: Pick<Founding, 'member' | 'random'>): Identity {
  return { member, incarnation: drawName(random), timeline: firstTimeline };
}

/**
 * The identity that a folder's snapshot and log name together; undefined when an older program wrote both. Throws
 * ForeignError for parts of two folders.
 */
export function keptIdentity(
  folder: string,
  mark: KeptMark | undefined,
  recovered: Pick<Recovered, 'hardState'>,
): Identity | undefined {
  const [snapshot, log] = [mark?.identity, recovered.hardState?.identity];
  if (mark === undefined || snapshot === undefined || log === undefined) return log ?? snapshot;
  const sameLife = snapshot.member === log.member && snapshot.incarnation === log.incarnation;
  if (sameLife && (snapshot.timeline === log.timeline || snapshot.timeline === '')) return log;
  // A snapshot is in place before the log follows it: a joining member, or a recovery, may have ended in between.
  const ahead = log.timeline === '' || mark.term > (recovered.hardState?.term ?? 0);
  if (sameLife && ahead) return snapshot;
  throw new ForeignError(`${folder}/log`, `it is of ${nameOf(log)}, ${folder}/snapshots of ${nameOf(snapshot)}`);
}

/** Throws ForeignError when the folder is another member's. */
export function refuseOtherMember(folder: string, identity: Identity | undefined, member: string): void {
  if (identity === undefined || identity.member === member) return;
  throw new ForeignError(folder, `it holds the store of member ${identity.member}, and this member is ${member}`);
}

/** The way to a running replica: restore, replay, join or rejoin. */
import { assert, type Revision } from '../base/index.ts';
import { holdsStore } from './admin/index.ts';
import type { StoreOptions } from './options.ts';
import { CorruptError, inspectLog, readSnapshot } from '../raft/wal/index.ts';
import { type Opened, openState } from './recovery.ts';
import {
  becomeLearner,
  beginCopy,
  endRejoin,
  goOnSettingAside,
  hasPeers,
  regainVote,
  rejoinPhase,
  setAside,
} from './membership/index.ts';
import { Replica } from './replica.ts';
import { StoreError, type StoreMember } from './store.ts';

/** How long a member with a damaged disk waits for the others to take it back. */
const rejoinMs = 60_000;

/**
 * Opens this member's replica: restores the newest snapshot, replays the log after it and joins the others. A single
 * voter leads and has applied its whole log when it resolves; one of several resolves at once and catches up with its
 * leader. When its data is damaged, one of several rejoins as a fresh copy, and so does a replica; a single one
 * refuses.
 * Files of a newer program are refused, and never replaced.
 * Rejects with StoreError `corrupt` or `newer-format`, AdministrationError `in-use` or `timeout`, DiskError.
 */
export async function openStore(options: StoreOptions): Promise<StoreMember> {
  assert(options.transport !== undefined || options.voters.length === 1, 'several voters need a transport');
  const opened = await openState(options, open);
  const replica = new Replica(options, opened);
  if (opened.rejoining && options.learnerOf === undefined) void regainVote(options, replica, () => replica.closed);
  if (opened.raft.votesAlone) {
    replica.campaign();
    try {
      await replica.readBarrier();
    } catch (error) {
      await replica.close();
      throw error;
    }
  }
  return replica;
}

type Read = (options: StoreOptions) => Promise<Omit<Opened, 'release' | 'rejoining'>>;

/** Reads the folder, or begins again as a learner when its data is damaged and others have it. */
async function open(options: StoreOptions, read: Read): Promise<Omit<Opened, 'release'>> {
  const phase = await rejoinPhase(options);
  if (phase === 'setting-aside') await goOnSettingAside(options);
  let rejoining = phase !== undefined;
  if (!rejoining || (await holdsStore(options.disk, options.folder))) {
    try {
      return { ...(await read(options)), rejoining };
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'corrupt' || !hasPeers(options)) throw error;
      if (error.cause instanceof CorruptError && error.cause.onlyCopy) throw error;
      await setAside(options, error);
      rejoining = true;
    }
  }
  await becomeLearner(options, rejoinMs);
  // A replica has no vote to regain.
  if (options.learnerOf !== undefined) await endRejoin(options);
  else await beginCopy(options);
  return { ...(await read({ ...options, voters: [] })), rejoining };
}

/**
 * Has the disk's cipher open every part of a store that it sealed: what the next start will read. Rejects like
 * `openStore`, also when the files change meanwhile.
 */
export async function openSealed({ disk, folder }: Pick<StoreOptions, 'disk' | 'folder'>): Promise<void> {
  await inspectLog(disk, `${folder}/log`);
  await readSnapshot(disk, `${folder}/snapshots`, () => undefined);
}

/**
 * Writes this member's snapshot and log again and deletes the old files: for a disk whose cipher has a new key. Nothing
 * else changes, since the past is ended where it ends already. Rejects like `compact`.
 */
export async function rewriteStore(store: Pick<StoreMember, 'compact' | 'status'>): Promise<void> {
  const oldest = Math.max(1, store.status().oldestRevision ?? 1) as Revision;
  // The first time turns the log over to a new segment, the second leaves the old one behind.
  await store.compact(oldest);
  await store.compact(oldest);
}

import { assert } from '../base/index.ts';
import type { StoreOptions } from './options.ts';
import { openState } from './recovery.ts';
import { Replica } from './replica.ts';
import type { StoreMember } from './store.ts';

/**
 * Opens this member's replica: restores the newest snapshot, replays the log after it and joins the others. A single voter
 * leads and has applied its whole log when it resolves; one of several resolves at once and catches up with its leader.
 * Rejects with StoreError `corrupt`, or DiskError.
 */
export async function openStore(options: StoreOptions): Promise<StoreMember> {
  assert(options.transport !== undefined || options.voters.length === 1, 'several voters need a transport');
  const opened = await openState(options);
  const replica = new Replica(options, opened);
  const { voters, outgoing } = opened.raft.configuration;
  if (voters.length === 1 && voters[0] === options.member && outgoing.length === 0) {
    replica.campaign();
    try {
      await replica.linearise();
    } catch (error) {
      await replica.close();
      throw error;
    }
  }
  return replica;
}

/** The parts of the product under test, from one module graph. */
import type { Raft } from '../../src/raft/core/index.ts';
import type { DiskCipher } from '../../src/platform/index.ts';
import type * as State from '../../src/state/index.ts';

/** What members send each other: the core's messages, and what the store adds to them. */
export type StoreMessage = Parameters<State.StoreTransport['send']>[1];

/** From the real module graph, or from one with a planted bug. */
export interface System {
  readonly openStore: typeof State.openStore;
  readonly restoreBackup: typeof State.restoreBackup;
  readonly recoverLostMajority: typeof State.recoverLostMajority;
  readonly verifyFolder: typeof State.verifyFolder;
  readonly openSealed: typeof State.openSealed;
  readonly rewriteStore: typeof State.rewriteStore;
  readonly encodeMessage: typeof State.encodeMessage;
  readonly decodeMessage: typeof State.decodeMessage;
  readonly StoreError: typeof State.StoreError;
  readonly CompactedError: typeof State.CompactedError;
  readonly Raft: typeof Raft;
  readonly DiskCipher: typeof DiskCipher;
}

/** Loads the store; `query` (`?planted=NAME`) makes a separate graph. */
export async function loadSystem(query = ''): Promise<System> {
  const state = (await import(`../../src/state/index.ts${query}`)) as typeof State;
  const { Raft: raft } = (await import(`../../src/raft/core/index.ts${query}`)) as { readonly Raft: typeof Raft };
  const { DiskCipher: cipher } = (await import(`../../src/platform/disk-cipher.ts${query}`)) as {
    readonly DiskCipher: typeof DiskCipher;
  };
  const { openStore, restoreBackup, recoverLostMajority, verifyFolder, encodeMessage, decodeMessage } = state;
  const { openSealed, rewriteStore, StoreError, CompactedError } = state;
  return {
    openStore,
    restoreBackup,
    recoverLostMajority,
    verifyFolder,
    openSealed,
    rewriteStore,
    encodeMessage,
    decodeMessage,
    StoreError,
    CompactedError,
    Raft: raft,
    DiskCipher: cipher,
  };
}

/** Backups taken while the faults go on, restored and compared with the ledger. */
import { limits, type Revision, silentLogger, silentMetrics } from '../../src/base/index.ts';
import { SimulatedDisk } from '../../src/platform/index.ts';
import { valueIn } from './ledger.ts';
import type { Member } from './member.ts';
import { provoke } from './provocations.ts';
import type { World } from './world.ts';

/** Small segments: those of the product would take most of a run's time. */
const segmentBytes = 64 * 1024;

/** The only member of a restored store: it is no part of the cluster, and its log is not the cluster's. */
export const restoredMember = 'restored';

/**
 * Takes a backup of a member while the faults go on; when it comes to its end, a store that is restored from it is
 * compared with the ledger.
 */
export async function backUp(world: World, member: Member): Promise<void> {
  const { journal, ledger } = world;
  const random = world.random(`reader ${member.name} ${world.time.fired}`);
  const pieces: Uint8Array[] = [];
  const ended = world.enter('backup');
  const outcome = await member.call(async (store) => {
    for await (const piece of store.backup()) {
      pieces.push(piece);
      // Whoever reads is slow: writes go on meanwhile.
      await world.pass(random.below(world.options.seeks ? 20 : 1));
      // What it still has to read changes, and the past that it reads ends.
      if (pieces.length !== 2 || !world.options.seeks || random.below(3) > 0) continue;
      await provoke(world);
      await provoke(world);
      member.compact();
      await world.pass(20 + random.below(80));
    }
  });
  ended();
  journal.note(`a backup of ${member.name} ends: ${outcome.type}, ${pieces.length} pieces`);
  const largest = Math.max(0, ...pieces.map(({ length }) => length));
  if (largest > limits.pieceBytesMax + 8) ledger.fail('piece', `a backup has a piece of ${largest} bytes`);
  if (outcome.type !== 'done') return;
  try {
    await compare(world, member.name, pieces);
  } catch (error) {
    ledger.fail('backup', `a whole backup of ${member.name} does not restore: ${String(error)}`);
  }
}

async function compare(world: World, name: string, pieces: readonly Uint8Array[]): Promise<void> {
  const { system, time, ledger } = world;
  const random = world.random(`backup ${name}`);
  const disk = new SimulatedDisk({ random });
  const shared = {
    disk,
    clock: time,
    log: silentLogger,
    folder: '/restored',
    voters: [restoredMember],
    member: restoredMember,
    random,
    segmentBytes,
  };
  const report = await system.restoreBackup({ ...shared, source: pieces });
  const restored = await system.openStore({
    ...shared,
    timers: time,
    metrics: silentMetrics,
  });
  const { records } = restored.range({ prefix: '' });
  ledger.onBackup(name, report.revision, new Map(records.map(({ key, bytes }) => [key, valueIn(bytes)])));
  try {
    restored.watch(
      { prefix: '', after: ledger.newestRevision as Revision },
      () => undefined,
      () => undefined,
    );
    ledger.fail('restored-revisions', `a watch from ${ledger.newestRevision} goes on in the restored store`);
  } catch (error) {
    if (!(error instanceof system.CompactedError)) throw error;
  }
  await restored.close();
}

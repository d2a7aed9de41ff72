/** Power fails everywhere at the end of a run: what was acknowledged is there afterwards, and every file is whole. */
import { silentLogger } from '../../src/base/index.ts';
import type { Member } from './member.ts';
import type { World } from './world.ts';

/** Every machine stops at once. The disks that nothing struck are read whole, as an operator's `verify` does. */
export async function blackOut(world: World, belonging: readonly string[]): Promise<void> {
  const { members, journal } = world;
  const whole = members.filter(
    ({ name, rotten, corrupt, joining, failingDisk, up }) =>
      belonging.includes(name) && up && !rotten && !corrupt && !joining && !failingDisk,
  );
  journal.note('power fails everywhere');
  for (const member of members) member.stop(true);
  const hashes = new Map<number, { readonly hash: string; readonly name: string }>();
  for (const member of whole) await verify(world, member, hashes);
  for (const member of members) member.start();
}

async function verify(
  { system, time, ledger, options }: World,
  { name, disk, keys }: Member,
  hashes: Map<number, { readonly hash: string; readonly name: string }>,
): Promise<void> {
  try {
    const { revision, hash } = await system.verifyFolder({
      disk: keys?.readable(disk.mount()) ?? disk.mount(),
      clock: time,
      log: silentLogger,
      folder: '/store',
      history: historyOf(options),
    });
    const known = hashes.get(revision);
    if (known === undefined) hashes.set(revision, { hash, name });
    else if (known.hash !== hash)
      ledger.fail('equal-files', `the files of ${name} and ${known.name} make two states of revision ${revision}`);
  } catch (error) {
    ledger.fail('whole-files', `the files of ${name}, which nothing struck, cannot be read: ${String(error)}`);
  }
}

/** How members of a run keep the past. */
export const historyOf = (options: World['options']) => ({
  historyMs: options.historyMs,
  historyEventsMax: options.historyEventsMax,
  sessionsMax: options.sessionsMax,
  packedFrom: 8,
  chunkBytes: options.chunkBytes,
});

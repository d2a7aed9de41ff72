import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../base/index.ts';
import { lockFolder, systemClock, systemDisk } from '../platform/index.ts';
import { type BackupReport, type FolderReport, type LostMajorityReport, recoverLostMajority, restoreBackup, verifyBackup, verifyFolder } from '../state/index.ts';
import type { Home } from './home.ts';

/** A member's part of a home that is not running: what `troupe store` verifies, restores and recovers. */
export interface StoreFolder {
  readonly member: string;
  readonly folder: string;
}

/** The name of a home's first member. */
export const firstMember = 'member-1';

/** The store of a member in this home: the first one's stands alone, others have a folder each. */
export function storeFolderOf(home: Home, member: string): StoreFolder {
  return { member, folder: member === firstMember ? join(home.data, 'store') : join(home.data, member, 'store') };
}

/** The stores that a home holds. */
export function storeFoldersOf(home: Home): readonly StoreFolder[] {
  if (!existsSync(home.data)) return [];
  const names = [firstMember, ...readdirSync(home.data).filter((name) => name !== 'store' && name !== firstMember).sort()];
  return names.map((name) => storeFolderOf(home, name)).filter(({ folder }) => existsSync(folder));
}

const machine = { disk: systemDisk, clock: systemClock, log: silentLogger, lock: lockFolder };

/** Reads a stopped member's store whole: every checksum, and the hash of the state. Rejects with StoreError `corrupt`, AdministrationError. */
export function verifyStore({ folder }: StoreFolder): Promise<FolderReport> {
  return verifyFolder({ ...machine, folder });
}

/** Reads a backup file whole. Rejects with AdministrationError `damaged`. */
export function verifyBackupFile(file: string): Promise<BackupReport> {
  return verifyBackup(createReadStream(file, { highWaterMark: 1024 * 1024 }));
}

/** Makes a stopped member's store from a backup file; `cluster` refuses one of another cluster. Rejects with AdministrationError. */
export function restoreStore({ member, folder }: StoreFolder, options: { readonly file: string; readonly voters: readonly string[]; readonly cluster: string | undefined }): Promise<BackupReport> {
  const { file, voters, cluster } = options;
  return restoreBackup({
    ...machine, folder, source: createReadStream(file, { highWaterMark: 1024 * 1024 }), voters: voters.length === 0 ? [member] : voters, ...(cluster === undefined ? {} : { cluster }),
  });
}

/** Makes a stopped member the only voter of its store. Rejects like `verifyStore`. */
export function recoverStore({ member, folder }: StoreFolder): Promise<LostMajorityReport> {
  return recoverLostMajority({ ...machine, folder, member });
}

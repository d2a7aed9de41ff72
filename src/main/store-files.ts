import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Disk, silentLogger } from '../base/index.ts';
import { lockFolder, systemClock, systemDisk, systemTimers } from '../platform/index.ts';
import {
  type BackupReport,
  type FolderReport,
  type LostMajorityReport,
  recoverLostMajority,
  restoreBackup,
  verifyBackup,
  verifyFolder,
} from '../state/index.ts';
import { storeEncryption } from './encryption/index.ts';
import type { Home } from './home.ts';
import { defaultsFile } from './installation.ts';
import { loadSettings, savedSettings } from './settings.ts';

/** A member's part of a home that is not running: what `troupe store` verifies, restores and recovers. */
export interface StoreFolder {
  readonly member: string;
  readonly folder: string;
  readonly home: Home;
}

/** The name of a home's first member. */
export const firstMember = 'member-1';

/** The store of a member in this home: the first one's stands alone, others have a folder each. */
export function storeFolderOf(home: Home, member: string): StoreFolder {
  return { member, home, folder: member === firstMember ? join(home.data, 'store') : join(home.data, member, 'store') };
}

/** The stores that a home holds. */
export function storeFoldersOf(home: Home): readonly StoreFolder[] {
  if (!existsSync(home.data)) return [];
  const names = [
    firstMember,
    ...readdirSync(home.data)
      .filter((name) => name !== 'store' && name !== firstMember)
      .sort(),
  ];
  return names.map((name) => storeFolderOf(home, name)).filter(({ folder }) => existsSync(folder));
}

const machine = { clock: systemClock, log: silentLogger, lock: lockFolder };

/**
 * Reads a stopped member's store whole: every checksum, and the hash of the state. Rejects with StoreError `corrupt`,
 * AdministrationError.
 */
export async function verifyStore(store: StoreFolder): Promise<FolderReport> {
  return verifyFolder({ ...machine, disk: await diskOf(store, true), folder: store.folder });
}

/** Reads a backup file whole. Rejects with AdministrationError `damaged`. */
export function verifyBackupFile(file: string): Promise<BackupReport> {
  return verifyBackup(createReadStream(file, { highWaterMark: 1024 * 1024 }));
}

/**
 * Makes a stopped member's store from a backup file; `cluster` refuses one of another cluster. Rejects with
 * AdministrationError.
 */
export async function restoreStore(
  store: StoreFolder,
  options: { readonly file: string; readonly voters: readonly string[]; readonly cluster: string | undefined },
): Promise<BackupReport> {
  const { file, voters, cluster } = options;
  const { member, folder } = store;
  return restoreBackup({
    ...machine,
    disk: await diskOf(store, false),
    folder,
    source: createReadStream(file, { highWaterMark: 1024 * 1024 }),
    voters: voters.length === 0 ? [member] : voters,
    ...(cluster === undefined ? {} : { cluster }),
  });
}

/** Makes a stopped member the only voter of its store. Rejects like `verifyStore`. */
export async function recoverStore(store: StoreFolder): Promise<LostMajorityReport> {
  return recoverLostMajority({
    ...machine,
    disk: await diskOf(store, false),
    folder: store.folder,
    member: store.member,
  });
}

/**
 * The disk by which a store's folder can be read: with its keys when it is encrypted. Rejects with StartProblem when a
 * key is missing.
 */
async function diskOf({ home, folder }: StoreFolder, readOnly: boolean): Promise<Disk> {
  const settings = savedSettings(home) ?? loadSettings(defaultsFile(), home.configFile);
  const encryption = await storeEncryption({
    home,
    settings: settings.encryption,
    storeFolder: folder,
    readOnly,
    timers: systemTimers,
    log: silentLogger,
  });
  return encryption?.disk(systemDisk) ?? systemDisk;
}

/** What `troupe store` does with the stores of a stopped home. */
import { createReadStream } from 'node:fs';
import { type Disk, silentLogger } from '../../base/index.ts';
import { lockFolder, systemClock, systemDisk, systemRandom, systemTimers } from '../../platform/index.ts';
import {
  type BackupReport,
  type FolderReport,
  type LostMajorityReport,
  recoverLostMajority,
  restoreBackup,
  type RestoreReport,
  verifyBackup,
  verifyFolder,
} from '../../state/index.ts';
import { storeEncryption } from '../encryption/index.ts';
import { defaultsFile, loadSettings, savedSettings, type StoreFolder } from '../process/index.ts';

const machine = { clock: systemClock, log: silentLogger, lock: lockFolder };

/**
 * Checks every checksum of a stopped member's store, and the hash of its state. Rejects with StoreError `corrupt`,
 * AdministrationError.
 */
export async function verifyStore(store: StoreFolder): Promise<FolderReport> {
  return verifyFolder({ ...machine, disk: await diskOf(store, true), folder: store.folder });
}

/** Checks a whole backup file. Rejects with AdministrationError `damaged`. */
export function verifyBackupFile(file: string): Promise<BackupReport> {
  return verifyBackup(createReadStream(file, { highWaterMark: 1024 * 1024 }));
}

/**
 * Restores a stopped member's store from a backup file; with `cluster`, one of another cluster is refused. Rejects with
 * AdministrationError.
 */
export async function restoreStore(
  store: StoreFolder,
  options: {
    readonly file: string;
    readonly voters: readonly string[];
    readonly cluster: string | undefined;
    readonly timeline: string | undefined;
  },
): Promise<RestoreReport> {
  const { file, voters, cluster, timeline } = options;
  const { member, folder } = store;
  return restoreBackup({
    ...machine,
    disk: await diskOf(store, false),
    folder,
    source: createReadStream(file, { highWaterMark: 1024 * 1024 }),
    member,
    voters: voters.length === 0 ? [member] : voters,
    cluster,
    timeline,
    random: systemRandom,
  });
}

/** Makes a stopped member the only voter of its store. Rejects like `verifyStore`. */
export async function recoverStore(store: StoreFolder): Promise<LostMajorityReport> {
  return recoverLostMajority({
    ...machine,
    disk: await diskOf(store, false),
    folder: store.folder,
    member: store.member,
    random: systemRandom,
  });
}

/**
 * The disk to read the store's folder with, decrypting where it is encrypted. Rejects with StartProblem when a key is
 * missing.
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

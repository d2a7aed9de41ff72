/**
 * What operators do with a store beside reading and writing: backups (taken while writes go on, verified and restored
 * into an empty folder), checks of a folder that no process has open, recovery after the majority was lost, and the
 * hash by which members compare their states.
 */
export {
  type BackupHead,
  type BackupReport,
  backupStream,
  holdsStore,
  restoreBackup,
  type RestoreOptions,
  type RestoreReport,
  verifyBackup,
} from './backup.ts';
export {
  type FolderReport,
  type LostMajorityReport,
  type OfflineOptions,
  recoverLostMajority,
  verifyFolder,
} from './offline.ts';
export { hashInSteps } from './state-hash.ts';

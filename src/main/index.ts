/**
 * Joins the floors into roles. member.ts and node.ts build a role from ports, so that the simulator can call the same
 * functions with its twins; run-member.ts and run-node.ts give them the machine and wait for the signal that ends the
 * process.
 *
 *   settings (defaults < home's config.yaml < flags) ─┐
 *   pki, nats.json, kubeconfig in the home ───────────┼─▶ run-member ─▶ nats-server actor, store, write path, doors,
 *   controllers clock, disk, random, log of the machine ──────────┘   run-node ───▶ the node's agent, over the bus
 */
export {
  type MachineFinding,
  runtimeDriver,
  type RuntimeName,
  runtimeNames,
  runtimeSettings,
  type RuntimeSettings,
} from '../node-agent/index.ts';
export { systemTimers } from '../platform/index.ts';
export { encryptionStatus, rotateEncryption, storeEncryption } from './encryption/index.ts';
export {
  alive,
  defaultsFile,
  firstMember,
  type StoreFolder,
  storeFolderOf,
  storeFoldersOf,
  forgetMember,
  type Home,
  homeAt,
  keepSettings,
  lives,
  loadSettings,
  makeHome,
  natsFolders,
  ownMember,
  planMembers,
  type PlannedMember,
  plannedMembers,
  preferSystemPrograms,
  type ProcessNote,
  readNotes,
  runsWith,
  savedSettings,
  saveSettings,
  type Settings,
  SettingsError,
  StartProblem,
  systemFolders,
  version,
  writePrivate,
} from './process/index.ts';
export {
  caHashOf,
  doNotRestart,
  isJoining,
  joinGroups,
  joinMember,
  joinNode,
  JoinProblem,
  parseCaHash,
  parseEndpoint,
  parseToken,
  wasRemoved,
} from './join/index.ts';
export {
  memberFlags,
  memoryEnvironment,
  recoverStore,
  restoreStore,
  runMember,
  type RunMemberOptions,
  verifyBackupFile,
  verifyStore,
} from './member/index.ts';
export { dropSigningKey, ensureHomePki, joinedNode, rotateSigningKey, signingKeyStatus } from './keys/index.ts';
export { nodeNameOf, purge, runNode, type RunNodeOptions } from './node/index.ts';
export {
  AdministrationError,
  type BackupReport,
  type FolderReport,
  type HashComparison,
  StoreError,
  type StoreStatus,
} from '../state/index.ts';
export { removedNodes } from '../api-server/index.ts';

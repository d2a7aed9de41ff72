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
  type Home,
  homeAt,
  lives,
  makeHome,
  type ProcessNote,
  readNotes,
  runsWith,
  writePrivate,
} from './home.ts';
export { defaultsFile, preferSystemPrograms, systemFolders } from './installation.ts';
export {
  forgetMember,
  natsFolders,
  ownMember,
  type PlannedMember,
  planMembers,
  plannedMembers,
} from './member-plan.ts';
export { caHashOf, JoinProblem, parseCaHash, parseEndpoint, parseToken } from './join-checks.ts';
export { joinMember } from './join-member.ts';
export { joinNode } from './join-node.ts';
export { memberFlags, memoryEnvironment } from './member-flags.ts';
export { doNotRestart, isJoining, wasRemoved } from './member-join.ts';
export { joinGroups } from './join-objects.ts';
export { joinedNode } from './node-certificate.ts';
export { nodeNameOf } from './node-name.ts';
export { dropSigningKey, rotateSigningKey, signingKeyStatus } from './signing-keys-folder.ts';
export { purge } from './purge.ts';
export { ensureHomePki, runMember, type RunMemberOptions } from './run-member.ts';
export { runNode, type RunNodeOptions } from './run-node.ts';
export { keepSettings, loadSettings, savedSettings, saveSettings, type Settings, SettingsError } from './settings.ts';
export { StartProblem } from './start-problem.ts';
export {
  firstMember,
  recoverStore,
  restoreStore,
  type StoreFolder,
  storeFolderOf,
  storeFoldersOf,
  verifyBackupFile,
  verifyStore,
} from './store-files.ts';
export { version } from './version.ts';
export {
  AdministrationError,
  type BackupReport,
  type FolderReport,
  type HashComparison,
  StoreError,
  type StoreStatus,
} from '../state/index.ts';
export { removedNodes } from '../api-server/index.ts';

/**
 * Joins the floors into roles, a room each: member and node build a role from ports (startMember, startNode) and run it
 * on this machine until a signal ends the process (runMember, runNode).
 *
 *   process ◀── encryption, keys, access ◀── join ◀── rotation ◀── node ◀── member
 *
 *   settings (defaults < home's config.yaml < flags) ──┐
 *   keys, nats.json, plan of the home ─────────────────┼─▶ runMember ─▶ NATS server, store, write path, doors, work
 *   clock, disk, random, log of the machine ───────────┘   runNode ───▶ the node's agent, over the bus
 */
export {
  type MachineFinding,
  runtimeDriver,
  runtimeFinding,
  type RuntimeName,
  runtimeNames,
  runtimeSettings,
  type RuntimeSettings,
} from '../node-agent/index.ts';
export { freePort, systemClock, systemTimers } from '../platform/index.ts';
export { encryptionStatus, rotateEncryption } from './encryption/index.ts';
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
  natsFolder,
  natsFolders,
  ownMember,
  planMembers,
  type PlannedMember,
  plannedMembers,
  preferSystemPrograms,
  proxyPlaces,
  type ProcessNote,
  readNotes,
  removeNote,
  runsWith,
  savedSettings,
  saveSettings,
  withClusterId,
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
  verifyBackupFile,
  verifyStore,
} from './member/index.ts';
export {
  briefenCertificates,
  dropSigningKey,
  ensureHomePki,
  joinedNode,
  machineAddresses,
  rotateSigningKey,
  signingKeyStatus,
} from './keys/index.ts';
export {
  hollowNodes,
  hollowNodesMax,
  nodeNameOf,
  purge,
  runHollowNodes,
  runNode,
  shutDownNodes,
} from './node/index.ts';
export { roomFinding, shutdownMsMax, shutdownSteps } from '../node-agent/index.ts';
export {
  AdministrationError,
  type BackupReport,
  type FolderReport,
  type HashComparison,
  StoreError,
  type StoreStatus,
} from '../state/index.ts';
export { removedNodes } from '../api-server/index.ts';

/**
 * What every process of Troupe has, whatever its role: a home, settings, the plan of the members, the addresses and
 * secrets of NATS, log, metrics and tree of actors, and figures of itself.
 *
 *   settings = config/defaults.yaml < the home's config.yaml < flags
 *   home     = data/ logs/ pki/ run/ and one note per running process
 *
 * Nothing here knows a role; the other rooms of src/main build on this one.
 */
export { processFigures } from './figures.ts';
export {
  alive,
  type Home,
  homeAt,
  lives,
  makeHome,
  type ProcessNote,
  readNotes,
  removeNote,
  runsWith,
  writeNote,
  writePrivate,
} from './home.ts';
export { dashboardFolder, defaultsFile, preferSystemPrograms, systemFolders } from './installation.ts';
export {
  adminTokenOf,
  ensureNatsEndpoint,
  ensureNatsSecrets,
  keepAdminToken,
  keepNatsEndpoint,
  keepNatsSecrets,
  makeAdminToken,
  makeNatsSecrets,
  type NatsEndpoint,
  natsPortOf,
  type NatsSecrets,
  readNatsFile,
  writeNatsFile,
} from './nats-file.ts';

export { bindAddress, defaultFamily, networkRanges } from './network-ranges.ts';
export {
  besides,
  entryOf,
  forgetMember,
  membersOfMachines,
  natsFolder,
  natsFolders,
  natsOf,
  natsUrls,
  ownMember,
  type PlannedMember,
  plannedMembers,
  routesOf,
  savePlan,
  sharesPort,
  withoutRemoved,
  type Place,
} from './plan.ts';
export { planMembers } from './planning.ts';
export {
  type IngressSettings,
  joinedSettings,
  keepSettings,
  loadSettings,
  reservedPorts,
  savedSettings,
  saveSettings,
  withClusterId,
  type Settings,
  SettingsError,
  optionalVersions,
  switchedOn,
} from './settings.ts';
export { openProcess, type RunningProcess, stopSignal } from './running-process.ts';
export { StartProblem } from './start-problem.ts';
export { firstMember, type StoreFolder, storeFolderOf, storeFoldersOf } from './store-folder.ts';
export { kubernetesVersion, version } from './version.ts';
export { proxyPlaces } from './proxy-places.ts';

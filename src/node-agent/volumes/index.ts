/**
 * A pod's files on the machine: its volumes and the files that every container gets (hosts, resolver, termination
 * message).
 *
 *   <state folder>/pods/<uid>/   etc-hosts  resolv.conf  volumes/<name>/  containers/<name>/<attempt>
 *
 * Contract: what a volume shows is a pure function of the pod and the objects it names (projection.ts); it is put on
 * disk so that readers see one version or the next, never a mixture. Follows the kubelet's atomic writer.
 */
export { type LocalVolumeOptions, reclaimLocalVolumes } from './local-volumes.ts';
export { type ConfigData, type ConfigReader, configReader } from './config-reader.ts';
export { diskVolumeFiles } from './disk-volume-files.ts';
export { type DiskRoom, localVolumeStats } from './local-stats.ts';
export { hostsFile } from './hosts-file.ts';
export { type HostResolver, parseResolvConf, resolvConf } from './resolver-file.ts';
export { simulatedVolumeFiles } from './simulated-volume-files.ts';
export { type TokenSource, tokenSource } from './token-source.ts';
export { VolumeSetupError, type VolumeFiles } from './volume-files.ts';
export {
  containerDevices,
  containerMounts,
  type DriverVolume,
  type DriverVolumes,
  hasLiveVolumes,
  type PreparedVolumes,
  prepareVolumes,
  refreshVolumes,
  type VolumePorts,
} from './volume-set.ts';
export { claimNames, usedVolumes } from './used-volumes.ts';
export { volumeCounts } from './volume-counts.ts';

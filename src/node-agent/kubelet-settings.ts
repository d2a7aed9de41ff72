/** The settings of a node that a KubeletConfiguration has by the same names, and whether they make sense. */
import { checkCpuSettings, type CpuSettings } from './cpus/index.ts';
import { evictionPolicy, type EvictionSettings } from './eviction/index.ts';
import { imagePolicy, type ImageSettings, pullsMaxOf } from './images/index.ts';
import { reservedOf, type ReservedSettings } from './node/index.ts';
import { logLimits, type LogSettings } from './runtime/index.ts';
import { type ShutdownSettings, shutdownSteps } from './shutdown/index.ts';
import { topologyChoice, type TopologySettings } from './topology/index.ts';

/** Absent ones are as a kubelet has them by default. */
export interface KubeletSettings
  extends
    CpuSettings,
    EvictionSettings,
    ImageSettings,
    LogSettings,
    ReservedSettings,
    ShutdownSettings,
    TopologySettings {}

/** Throws NodeSettingError for the first that makes no sense. */
export function checkKubeletSettings(settings: KubeletSettings): void {
  evictionPolicy(settings);
  imagePolicy(settings);
  pullsMaxOf(settings);
  logLimits(settings);
  shutdownSteps(settings);
  topologyChoice(settings);
  checkCpuSettings(settings, reservedOf(settings).cpuMilli);
}

const names: readonly (keyof KubeletSettings)[] = [
  'evictionHard',
  'evictionSoft',
  'evictionSoftGracePeriod',
  'evictionMinimumReclaim',
  'evictionMaxPodGracePeriod',
  'evictionPressureTransitionPeriod',
  'imageGCHighThresholdPercent',
  'imageGCLowThresholdPercent',
  'imageMinimumGCAge',
  'imageMaximumGCAge',
  'containerLogMaxSize',
  'containerLogMaxFiles',
  'cpuManagerPolicy',
  'reservedSystemCPUs',
  'kubeReserved',
  'systemReserved',
  'maxParallelImagePulls',
  'serializeImagePulls',
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
  'shutdownGracePeriodByPodPriority',
  'topologyManagerPolicy',
  'topologyManagerScope',
];

/** Of some settings, those that a kubelet has, too. */
export function kubeletSettings(settings: KubeletSettings): KubeletSettings {
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

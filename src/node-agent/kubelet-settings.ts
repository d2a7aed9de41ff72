/** The settings of a node that a KubeletConfiguration has by the same names, and whether they make sense. */
import { evictionPolicy, type EvictionSettings } from './eviction/index.ts';
import { imagePolicy, type ImageSettings } from './images/index.ts';
import { logLimits, type LogSettings } from './runtime/index.ts';
import { type ShutdownSettings, shutdownSteps } from './shutdown/index.ts';

/** Absent ones are as a kubelet has them by default. */
export interface KubeletSettings extends EvictionSettings, ImageSettings, LogSettings, ShutdownSettings {}

/** Throws NodeSettingError for the first that makes no sense. */
export function checkKubeletSettings(settings: KubeletSettings): void {
  evictionPolicy(settings);
  imagePolicy(settings);
  logLimits(settings);
  shutdownSteps(settings);
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
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
  'shutdownGracePeriodByPodPriority',
];

/** Of some settings, those that a kubelet has, too. */
export function kubeletSettings(settings: KubeletSettings): KubeletSettings {
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

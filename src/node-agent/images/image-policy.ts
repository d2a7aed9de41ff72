/** When unused images go, and how many are pulled at once: the settings, by a KubeletConfiguration's names for them. */
import { NodeSettingError, spanMs } from '../node-setting.ts';

export interface ImageSettings {
  readonly imageGCHighThresholdPercent?: number | undefined;
  readonly imageGCLowThresholdPercent?: number | undefined;
  readonly imageMinimumGCAge?: string | undefined;
  readonly imageMaximumGCAge?: string | undefined;
  readonly serializeImagePulls?: boolean | undefined;
  readonly maxParallelImagePulls?: number | undefined;
}

export interface ImagePolicy {
  /** How full the disk is, in percent, when unused images go; and down to which. */
  readonly highPercent: number;
  readonly lowPercent: number;
  /** Younger ones stay, whatever the disk. */
  readonly ageMsMin: number;
  /** Those that nobody used for longer go, whatever the disk; 0: never for that. */
  readonly ageMsMax: number;
}

/** What the settings say; throws NodeSettingError. */
export function imagePolicy(settings: ImageSettings): ImagePolicy {
  const { imageGCHighThresholdPercent: highPercent = 85, imageGCLowThresholdPercent: lowPercent = 80 } = settings;
  const { imageMinimumGCAge = '2m', imageMaximumGCAge = '0s' } = settings;
  const isPercent = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 100;
  if (!isPercent(highPercent)) throw new NodeSettingError('imageGCHighThresholdPercent', 'a number from 0 to 100');
  if (!isPercent(lowPercent) || lowPercent > highPercent)
    throw new NodeSettingError('imageGCLowThresholdPercent', 'a number from 0 to imageGCHighThresholdPercent');
  const ageMsMin = spanMs('imageMinimumGCAge', imageMinimumGCAge);
  const ageMsMax = spanMs('imageMaximumGCAge', imageMaximumGCAge);
  if (ageMsMax !== 0 && ageMsMax < ageMsMin)
    throw new NodeSettingError('imageMaximumGCAge', '0s, or at least imageMinimumGCAge');
  return { highPercent, lowPercent, ageMsMin, ageMsMax };
}

/** How many images are pulled at once; throws NodeSettingError. */
export function pullsMaxOf({ serializeImagePulls = false, maxParallelImagePulls = 3 }: ImageSettings): number {
  if (!Number.isInteger(maxParallelImagePulls) || maxParallelImagePulls < 1)
    throw new NodeSettingError('maxParallelImagePulls', 'a whole number from 1');
  return serializeImagePulls ? 1 : maxParallelImagePulls;
}

/** How much of a container's log is kept: the settings, by the names that a KubeletConfiguration has for them. */
import { parseQuantity, quantityUnits } from '../../api/index.ts';
import { NodeSettingError } from '../node-setting.ts';

export interface LogSettings {
  readonly containerLogMaxSize?: string | undefined;
  readonly containerLogMaxFiles?: number | undefined;
}

export interface LogLimits {
  /** Of one file. */
  readonly bytesMax: number;
  /** The one that is written to among them. */
  readonly filesMax: number;
}

/** What the settings say; throws NodeSettingError. */
export function logLimits({ containerLogMaxSize = '10Mi', containerLogMaxFiles = 5 }: LogSettings): LogLimits {
  const wrongSize = new NodeSettingError('containerLogMaxSize', 'an amount of at least 64Ki, such as 10Mi');
  let bytesMax;
  try {
    bytesMax = quantityUnits(parseQuantity(containerLogMaxSize));
  } catch {
    throw wrongSize;
  }
  if (bytesMax < 64 * 1024) throw wrongSize;
  if (!Number.isInteger(containerLogMaxFiles) || containerLogMaxFiles < 2)
    throw new NodeSettingError('containerLogMaxFiles', 'a whole number from 2');
  return { bytesMax, filesMax: containerLogMaxFiles };
}

/** The folder of a local PersistentVolume: one of the machine, or the file system of a device. */
import { mkdir, stat } from 'node:fs/promises';
import { CommandError, type RunCommand } from '../network/index.ts';
import { VolumeSetupError } from './volume-files.ts';

/** What a blank device gets, and how its program is made to ask nothing. */
const defaultType = 'ext4';
const makeArguments: Readonly<Record<string, readonly string[]>> = {
  ext3: ['-F', '-m0'],
  ext4: ['-F', '-m0'],
  xfs: ['-f'],
};

interface DevicePlace {
  /** Where a device's file system is shown; nothing is, where `isMounted`. */
  readonly at: string;
  readonly fsType: string | undefined;
  readonly mountOptions: readonly string[] | undefined;
  readonly isMounted: boolean;
}

/**
 * The folder that shows a local volume. A blank device gets a file system first; one that holds something, be it a
 * partition table alone, keeps it. Rejects with VolumeSetupError, its words the kubelet's.
 */
export async function localFolder(run: RunCommand, path: string, place: DevicePlace): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new VolumeSetupError(`path "${path}" does not exist`, { step: 'NewMounter initialization' });
  if (found.isDirectory()) return path;
  if (!found.isBlockDevice())
    throw new VolumeSetupError(`path "${path}" is neither a folder nor a block device`, {
      step: 'NewMounter initialization',
    });
  if (!place.isMounted) await mountDevice(run, path, place);
  return place.at;
}

/** Of mount(8). */
export const optionArguments = (options: readonly string[]): readonly string[] =>
  options.length === 0 ? [] : ['-o', options.join(',')];

async function mountDevice(run: RunCommand, device: string, place: DevicePlace): Promise<void> {
  const { at, fsType = '', mountOptions = [] } = place;
  const type = fsType === '' ? undefined : fsType;
  try {
    if (await isBlank(run, device)) {
      const made = type ?? defaultType;
      await run(`mkfs.${made}`, [...(makeArguments[made] ?? []), device]);
    }
    await mkdir(at, { recursive: true });
    await run('mount', [
      ...(type === undefined ? [] : ['-t', type]),
      ...optionArguments(mountOptions),
      '--',
      device,
      at,
    ]);
  } catch (error) {
    if (error instanceof CommandError) throw new VolumeSetupError(error.message, { step: 'MountDevice', cause: error });
    throw error;
  }
}

/** blkid(8) ends with 2 where it finds nothing. */
async function isBlank(run: RunCommand, device: string): Promise<boolean> {
  try {
    return (await run('blkid', ['-p', '-s', 'TYPE', '-s', 'PTTYPE', '-o', 'export', device])).trim() === '';
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 2) return true;
    throw error;
  }
}

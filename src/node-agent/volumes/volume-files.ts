/** The file system as volumes need it: a port. */

/** A file of a projected volume. */
export interface ProjectedFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** Its owner; absent: the volume's. */
  readonly user?: number | undefined;
}

/** Who owns what is written; absent: root. */
export interface Ownership {
  readonly user?: number | undefined;
  readonly group?: number | undefined;
}

interface SetupErrorOptions extends ErrorOptions {
  readonly step?: string | undefined;
  readonly volume?: string | undefined;
}

/** Why a volume cannot be set up. The message is the kubelet's and reaches the user as an event. */
export class VolumeSetupError extends Error {
  override readonly name = 'VolumeError';
  /** What of its mounting failed, in the kubelet's words. */
  readonly step: string;
  /** The PersistentVolume; absent: the pod's own name for the volume says which it is. */
  readonly volume: string | undefined;
  constructor(message: string, { step = 'SetUp', volume, cause }: SetupErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.step = step;
    this.volume = volume;
  }
}

/** How something is mounted; `mountOptions` as mount(8) has them. */
interface MountHow {
  readonly type: string;
  readonly readOnly: boolean;
  readonly mountOptions?: readonly string[] | undefined;
}

/** The node's file system as volumes need it. The machine's adapter writes; the simulated twin remembers. */
export interface VolumeFiles {
  makeFolder(
    path: string,
    options?: { readonly mode?: number | undefined; readonly group?: number | undefined },
  ): Promise<void>;
  /**
   * Makes the folder show exactly these files (relative paths), all at once for any reader: a new data folder, then one
   * rename of the `..data` link, as the kubelet does. Nothing is written when nothing changed.
   */
  project(folder: string, files: ReadonlyMap<string, ProjectedFile>, owner: Ownership): Promise<void>;
  write(path: string, text: string, mode: number): Promise<void>;
  /** The last `bytesMax` bytes as text; undefined when there is no such file. */
  readTail(path: string, bytesMax: number): Promise<string | undefined>;
  /** Checks or makes a hostPath of the given type (core/v1 HostPathType). Rejects with VolumeSetupError. */
  hostPath(path: string, type: string): Promise<void>;
  /**
   * The folder of a local volume: the path itself, or the file system of that device, mounted at `at` and made first
   * when the device is blank. Rejects with VolumeSetupError.
   */
  localFolder(
    path: string,
    at: string,
    how: Pick<MountHow, 'mountOptions'> & { readonly fsType?: string | undefined },
  ): Promise<string>;
  /**
   * Shows `inside` below `folder`, made as a folder when absent, at the path `at`, and keeps showing this very place
   * whatever is done to the volume. What was shown at `at` before is taken away. Rejects with VolumeSetupError when it
   * leads outside of the folder.
   */
  pinSubPath(place: { readonly folder: string; readonly inside: string }, at: string): Promise<void>;
  /** Gives a volume to a group (fsGroup). */
  giveToGroup(folder: string, group: number): Promise<void>;
  /** A file system in memory at `folder`. */
  mountMemory(folder: string, sizeBytes: number | undefined): Promise<void>;
  /** Mounts `source` at `folder`, unless something is mounted there. Rejects with VolumeSetupError. */
  mount(source: string, folder: string, how: MountHow): Promise<void>;
  /** Unmounts everything below, and removes it. */
  remove(folder: string): Promise<void>;
  /** Names in a folder; empty when absent. */
  list(folder: string): Promise<readonly string[]>;
}

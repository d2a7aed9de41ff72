/** What files of the Container Device Interface say of devices, and what a container gets with them: the pure part. */
import { isObject } from '../../base/index.ts';
import { parseYaml } from '../../api/index.ts';

/** Changes to a container, as a file has them. */
interface ContainerEdits {
  readonly env?: readonly string[] | undefined;
  readonly deviceNodes?: readonly DeviceNode[] | undefined;
  readonly mounts?: readonly EditedMount[] | undefined;
  /** Hooks, groups and others that only an engine with CDI can do. */
  readonly [other: string]: unknown;
}

interface DeviceNode {
  readonly path: string;
  readonly hostPath?: string | undefined;
  readonly permissions?: string | undefined;
}

interface EditedMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly options?: readonly string[] | undefined;
}

/** A file of one kind of devices, such as `vendor.com/gpu`. */
interface CdiFile {
  readonly kind: string;
  readonly devices: readonly { readonly name: string; readonly containerEdits: ContainerEdits }[];
  readonly containerEdits?: ContainerEdits | undefined;
}

/** A file and where it was read; later folders go before earlier ones. */
export interface ReadFile {
  readonly path: string;
  /** Place of its folder. */
  readonly folder: number;
  readonly file: CdiFile;
}

/** What a container gets with its devices. */
export interface DeviceEdits {
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly devices: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  /** Devices with edits that only an engine with CDI can make: the engine is to find them by itself. */
  readonly left: readonly string[];
}

/** A device that no file describes, or more than one. */
class CdiError extends Error {
  override readonly name = 'CdiError';
}

/** Reads a file's text, JSON or YAML. Throws CdiError for what is no description of devices. */
export function parseCdi(text: string): CdiFile {
  const file: unknown = parseYaml(text).value;
  const isFile =
    isObject(file) &&
    typeof file['kind'] === 'string' &&
    Array.isArray(file['devices']) &&
    file['devices'].every(
      (device: unknown) => isObject(device) && typeof device['name'] === 'string' && isEdits(device['containerEdits']),
    ) &&
    isEdits(file['containerEdits'] ?? {});
  if (!isFile) throw new CdiError('it does not describe devices: kind, devices and their containerEdits are needed');
  return file as { readonly [field: string]: unknown } & CdiFile;
}

function isEdits(value: unknown): boolean {
  if (!isObject(value)) return false;
  const lists = ['env', 'deviceNodes', 'mounts'].map((name) => value[name] ?? []);
  return lists.every(Array.isArray);
}

const expressible: ReadonlySet<string> = new Set(['env', 'deviceNodes', 'mounts']);

/** Whether an engine without CDI can do it. */
function isPlain(edits: ContainerEdits): boolean {
  return Object.entries(edits).every(
    ([name, value]) => expressible.has(name) || value === undefined || (Array.isArray(value) && value.length === 0),
  );
}

/** The edits of devices by their full names (`vendor.com/gpu=0`); those of their kind come once. Throws CdiError. */
export function editsOf(names: readonly string[], files: readonly ReadFile[]): DeviceEdits {
  const edits: ContainerEdits[] = [];
  const left: string[] = [];
  const kinds = new Set<string>();
  for (const name of new Set(names)) {
    const { file, device } = findDevice(name, files);
    const own = [device.containerEdits, ...(file.containerEdits === undefined ? [] : [file.containerEdits])];
    if (!own.every(isPlain)) {
      left.push(name);
      continue;
    }
    edits.push(device.containerEdits);
    if (file.containerEdits !== undefined && !kinds.has(file.kind)) edits.push(file.containerEdits);
    kinds.add(file.kind);
  }
  return { ...joined(edits), left };
}

function findDevice(
  name: string,
  files: readonly ReadFile[],
): { readonly file: CdiFile; readonly device: CdiFile['devices'][number] } {
  const [kind = '', own = ''] = name.split('=');
  const found = files.flatMap(({ path, folder, file }) =>
    file.kind === kind
      ? file.devices.filter((device) => device.name === own).map((device) => ({ path, folder, file, device }))
      : [],
  );
  const last = Math.max(...found.map(({ folder }) => folder));
  const [first, second] = found.filter(({ folder }) => folder === last);
  if (first === undefined) throw new CdiError(`no file of the node describes the CDI device ${name}`);
  if (second !== undefined)
    throw new CdiError(`the CDI device ${name} is described twice, by ${first.path} and ${second.path}`);
  return first;
}

function joined(all: readonly ContainerEdits[]): Omit<DeviceEdits, 'left'> {
  return {
    environment: all.flatMap(({ env = [] }) =>
      env.map((text) => {
        const at = text.indexOf('=');
        return at < 0 ? ([text, ''] as const) : ([text.slice(0, at), text.slice(at + 1)] as const);
      }),
    ),
    mounts: all.flatMap(({ mounts = [] }) =>
      mounts.map(({ hostPath, containerPath, options = [] }) => ({
        source: hostPath,
        target: containerPath,
        readOnly: options.includes('ro'),
      })),
    ),
    devices: all.flatMap(({ deviceNodes = [] }) =>
      deviceNodes.map(({ path, hostPath = path, permissions = 'rwm' }) => ({
        source: hostPath,
        target: path,
        readOnly: !permissions.includes('w'),
      })),
    ),
  };
}

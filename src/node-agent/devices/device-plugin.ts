/** One device plug-in: its devices as it tells them, and what it gives to containers. */
import type { Clock } from '../../base/index.ts';
import { deviceTable, grpcConnection, parseTable } from '../../grpc/index.ts';
import type { PluginDevice } from './device-ledger.ts';

const schema = parseTable(deviceTable);
const service = 'DevicePlugin';
/** As a kubelet's calls that start something. */
const callMs = 30_000;

export interface PluginOptions {
  readonly preStartRequired: boolean;
  readonly getPreferredAllocationAvailable: boolean;
}

/** What a container gets with its devices. */
export interface DeviceGrant {
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly { readonly containerPath: string; readonly hostPath: string; readonly readOnly: boolean }[];
  readonly devices: readonly {
    readonly containerPath: string;
    readonly hostPath: string;
    readonly permissions: string;
  }[];
  readonly cdiDevices: readonly { readonly name: string }[];
}

interface Listed {
  readonly devices: readonly {
    readonly ID: string;
    readonly health: string;
    readonly topology?: { readonly nodes: readonly { readonly ID: number }[] } | undefined;
  }[];
}

interface PluginListener {
  readonly devices: (devices: readonly PluginDevice[]) => void;
  /** It ended, or its socket is gone. */
  readonly lost: () => void;
}

export interface DevicePlugin {
  readonly options: PluginOptions;
  allocate(ids: readonly string[]): Promise<DeviceGrant>;
  /** Which of the free devices it would rather give; undefined: it has no opinion. */
  preferred(choice: {
    readonly must: readonly string[];
    readonly free: readonly string[];
    readonly count: number;
  }): Promise<readonly string[] | undefined>;
  preStart(ids: readonly string[]): Promise<void>;
  close(): void;
}

/** Connects to a plug-in and follows what devices it has, until it is closed or lost. */
export function openDevicePlugin(
  place: { readonly socketPath: string; readonly clock: Clock },
  options: PluginOptions,
  listener: PluginListener,
): DevicePlugin {
  const connection = grpcConnection(schema, place);
  const within = { deadlineMs: callMs };
  const feed = connection.stream(
    service,
    'ListAndWatch',
    {},
    {
      message: (message) => {
        const { devices } = message as unknown as Listed;
        listener.devices(
          devices.map(({ ID: id, health, topology }) => ({
            id,
            healthy: health === 'Healthy',
            numaNodes: topology?.nodes.map(({ ID }) => ID),
          })),
        );
      },
      end: () => {
        listener.lost();
      },
    },
  );
  return {
    options,
    allocate: async (ids) => {
      const answer = await connection.call(service, 'Allocate', { containerRequests: [{ devicesIds: ids }] }, within);
      const [grant] = answer['containerResponses'] as readonly DeviceGrant[];
      if (grant === undefined) throw new Error('the device plug-in answered nothing for the container');
      return grant;
    },
    preferred: async ({ must, free, count }) => {
      if (!options.getPreferredAllocationAvailable) return undefined;
      const request = { availableDeviceIDs: [...must, ...free], mustIncludeDeviceIDs: must, allocationSize: count };
      const answer = await connection.call(service, 'GetPreferredAllocation', { containerRequests: [request] }, within);
      const [first] = answer['containerResponses'] as readonly { readonly deviceIDs: readonly string[] }[];
      return first?.deviceIDs;
    },
    preStart: async (ids) => {
      if (options.preStartRequired) await connection.call(service, 'PreStartContainer', { devicesIds: ids }, within);
    },
    close: () => {
      feed.close();
      connection.close();
    },
  };
}

/** The calls to a driver's node service, with their deadlines. */
import type { Clock } from '../../base/index.ts';
import { csiTable, GrpcError, grpcCodes, grpcService, parseTable } from '../../grpc/index.ts';
import { VolumeSetupError } from '../volumes/index.ts';

/** The volume as the driver is to show it. */
export interface VolumeCapability {
  readonly block?: Readonly<Record<string, never>> | undefined;
  readonly mount?:
    | { readonly fsType: string; readonly mountFlags: readonly string[]; readonly volumeMountGroup: string }
    | undefined;
  readonly accessMode: { readonly mode: string };
}

type Texts = Readonly<Record<string, string>>;

interface StageRequest {
  readonly volumeId: string;
  readonly publishContext: Texts;
  readonly stagingTargetPath: string;
  readonly volumeCapability: VolumeCapability;
  readonly secrets: Texts;
  readonly volumeContext: Texts;
}

interface PublishRequest extends StageRequest {
  readonly targetPath: string;
  readonly readonly: boolean;
}

interface ExpandRequest {
  readonly volumeId: string;
  readonly volumePath: string;
  readonly stagingTargetPath: string;
  readonly capacityRange: { readonly requiredBytes: number };
  readonly volumeCapability: VolumeCapability;
  readonly secrets: Texts;
}

/** What the driver says of a volume in use; `unit` BYTES or INODES. */
interface VolumeUsage {
  readonly unit: string;
  readonly total: number;
  readonly used: number;
  readonly available: number;
}

/** Where a node stands with a driver. */
export interface NodeInfo {
  readonly nodeId: string;
  /** 0: no limit is known. */
  readonly maxVolumesPerNode: number;
  readonly accessibleTopology?: { readonly segments: Texts } | undefined;
}

/** The abilities of a driver's node service, by their names in the CSI specification. */
export type NodeAbility =
  | 'STAGE_UNSTAGE_VOLUME'
  | 'GET_VOLUME_STATS'
  | 'EXPAND_VOLUME'
  | 'SINGLE_NODE_MULTI_WRITER'
  | 'VOLUME_MOUNT_GROUP';

/** A driver's node service. Everything rejects with GrpcError: when the driver refuses, and at the deadline. */
export interface NodeService {
  info(): Promise<NodeInfo>;
  abilities(): Promise<ReadonlySet<NodeAbility>>;
  stage(request: StageRequest): Promise<void>;
  unstage(request: { readonly volumeId: string; readonly stagingTargetPath: string }): Promise<void>;
  publish(request: PublishRequest): Promise<void>;
  unpublish(request: { readonly volumeId: string; readonly targetPath: string }): Promise<void>;
  expand(request: ExpandRequest): Promise<void>;
  usage(request: {
    readonly volumeId: string;
    readonly volumePath: string;
    readonly stagingTargetPath: string;
  }): Promise<readonly VolumeUsage[]>;
}

const csi = parseTable(csiTable);
/** What needs no disk is answered at once. */
const questionMs = 10_000;

/** The node service behind a socket. `callMs`: deadline of what mounts and unmounts. */
export function nodeService(
  socketPath: string,
  { clock, callMs }: { readonly clock: Clock; callMs: number },
): NodeService {
  const call = grpcService(csi, 'Node', { socketPath, clock });
  const ask = (method: string, request: object): Promise<unknown> =>
    call(method, { ...request }, { deadlineMs: Math.min(questionMs, callMs) });
  const act = async (method: string, request: object): Promise<void> => {
    await call(method, { ...request }, { deadlineMs: callMs });
  };
  return {
    info: async () => (await ask('NodeGetInfo', {})) as NodeInfo,
    abilities: async () => {
      const answer = (await ask('NodeGetCapabilities', {})) as {
        readonly capabilities: readonly { readonly rpc?: { readonly type: NodeAbility } | undefined }[];
      };
      return new Set(answer.capabilities.flatMap(({ rpc }) => (rpc === undefined ? [] : [rpc.type])));
    },
    stage: (request) => act('NodeStageVolume', request),
    unstage: (request) => act('NodeUnstageVolume', request),
    publish: (request) => act('NodePublishVolume', request),
    unpublish: (request) => act('NodeUnpublishVolume', request),
    expand: (request) => act('NodeExpandVolume', request),
    usage: async (request) =>
      ((await ask('NodeGetVolumeStats', request)) as { readonly usage: readonly VolumeUsage[] }).usage,
  };
}

const codeNames: Readonly<Record<number, string>> = {
  1: 'Canceled',
  2: 'Unknown',
  3: 'InvalidArgument',
  4: 'DeadlineExceeded',
  5: 'NotFound',
  6: 'AlreadyExists',
  7: 'PermissionDenied',
  8: 'ResourceExhausted',
  9: 'FailedPrecondition',
  10: 'Aborted',
  11: 'OutOfRange',
  12: 'Unimplemented',
  13: 'Internal',
  14: 'Unavailable',
  16: 'Unauthenticated',
};

/** Codes after which the driver may be at work still, or may do it in the end. */
const uncertainCodes: ReadonlySet<number> = new Set([
  grpcCodes.cancelled,
  grpcCodes.deadlineExceeded,
  grpcCodes.resourceExhausted,
  grpcCodes.aborted,
  grpcCodes.unavailable,
]);

/** A call that failed with this has done nothing, and will not: as the CSI specification has it. */
export const isFinalRefusal = (error: unknown): boolean =>
  !(error instanceof GrpcError) || !uncertainCodes.has(error.code);

const infeasibleCodes: ReadonlySet<number> = new Set([
  grpcCodes.invalidArgument,
  grpcCodes.outOfRange,
  grpcCodes.notFound,
]);

/** The same request will never succeed. */
export const isInfeasible = (error: unknown): boolean => error instanceof GrpcError && infeasibleCodes.has(error.code);

/** A driver's refusal as the kubelet words it; other errors are passed on. */
export function asSetupError(error: unknown): Error {
  if (error instanceof GrpcError)
    return new VolumeSetupError(`rpc error: code = ${codeNames[error.code] ?? error.code} desc = ${error.message}`, {
      cause: error,
    });
  return error instanceof Error ? error : new Error(String(error));
}

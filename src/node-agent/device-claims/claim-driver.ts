/** One driver of devices by claims: what it does on a node for a claim. */
import type { Clock } from '../../base/index.ts';
import { claimTable, grpcService, parseTable } from '../../grpc/index.ts';

const schema = parseTable(claimTable);
/** As the kubelet's. */
const callMs = 45_000;

/** A claim as drivers know it. */
export interface DriverClaim {
  readonly namespace: string;
  readonly uid: string;
  readonly name: string;
}

/** A device that a driver has prepared. */
export interface PreparedDevice {
  /** Requests that it is for; none: all. */
  readonly requestNames: readonly string[];
  readonly poolName: string;
  readonly deviceName: string;
  /** Full names of CDI devices. */
  readonly cdiDeviceIds: readonly string[];
}

export interface ClaimDriver {
  /** Repeating it is harmless. Rejects with the driver's own words. */
  prepare(claim: DriverClaim): Promise<readonly PreparedDevice[]>;
  /** The same; also of a claim that it does not know. */
  unprepare(claim: DriverClaim): Promise<void>;
}

interface Answers<T> {
  readonly claims: readonly { readonly key: string; readonly value: T | undefined }[];
}

/** Rejects where the driver says nothing of the claim, or that it failed. */
function answerOf<T extends { readonly error: string }>(answers: unknown, uid: string): T {
  const found = (answers as Answers<T>).claims.find(({ key }) => key === uid)?.value;
  if (found === undefined) throw new Error('the driver answered nothing for the claim');
  if (found.error !== '') throw new Error(found.error);
  return found;
}

export function claimDriver(
  socketPath: string,
  { clock, deadlineMs = callMs }: { readonly clock: Clock; readonly deadlineMs?: number | undefined },
): ClaimDriver {
  const call = grpcService(schema, 'DRAPlugin', { socketPath, clock });
  return {
    prepare: async ({ namespace, uid, name }) => {
      const answers = await call('NodePrepareResources', { claims: [{ namespace, uid, name }] }, { deadlineMs });
      return answerOf<{ readonly error: string; readonly devices: readonly PreparedDevice[] }>(answers, uid).devices;
    },
    unprepare: async ({ namespace, uid, name }) => {
      const answers = await call('NodeUnprepareResources', { claims: [{ namespace, uid, name }] }, { deadlineMs });
      answerOf(answers, uid);
    },
  };
}

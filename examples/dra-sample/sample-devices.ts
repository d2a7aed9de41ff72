/** The sample driver's work: devices out of nothing, each of which is a file of the machine and a variable. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A claim as the node names it. */
export interface NamedClaim {
  readonly namespace: string;
  readonly uid: string;
  readonly name: string;
}

/** The devices that a claim has of this driver. */
export interface AllocatedDevice {
  readonly request: string;
  readonly pool: string;
  readonly device: string;
}

export interface SampleOptions {
  /** The driver's name. */
  readonly name: string;
  /** Where containers' engines look for devices: /var/run/cdi. */
  readonly cdiFolder: string;
  /** What containers find at /dev/sample-<device>. */
  readonly hostPath: string;
  /** A file `fail` or `hang` in it makes the driver fail or hang. */
  readonly faultsFolder: string;
  /** What the API says that the claim has. Rejects when there is no such claim. */
  readonly allocated: (claim: NamedClaim) => Promise<readonly AllocatedDevice[]>;
}

interface Request {
  readonly claims: readonly NamedClaim[];
}

type Handler = (request: Request) => Promise<object>;

const never = new Promise<never>(() => undefined);

/** The handlers of the service DRAPlugin. */
export function sampleHandlers(options: SampleOptions): Readonly<Record<string, Handler>> {
  mkdirSync(options.cdiFolder, { recursive: true });
  return {
    NodePrepareResources: (request) => answer(options, request, (claim) => prepare(options, claim)),
    NodeUnprepareResources: (request) => answer(options, request, (claim) => unprepare(options, claim)),
  };
}

/** An answer for each claim: one that fails is no reason to fail the others. */
async function answer(
  { faultsFolder }: SampleOptions,
  { claims }: Request,
  work: (claim: NamedClaim) => Promise<object>,
): Promise<object> {
  if (existsSync(join(faultsFolder, 'hang'))) await never;
  const entries = claims.map(async (claim) => {
    try {
      if (existsSync(join(faultsFolder, 'fail'))) throw new Error('the sample driver fails as it was told to');
      return { key: claim.uid, value: await work(claim) };
    } catch (error) {
      return { key: claim.uid, value: { error: error instanceof Error ? error.message : String(error) } };
    }
  });
  return { claims: await Promise.all(entries) };
}

const fileOf = ({ cdiFolder, name }: SampleOptions, { uid }: NamedClaim): string =>
  join(cdiFolder, `${name}-${uid}.json`);

/** Writes what containers get into a file, and answers the names of the devices in it. */
async function prepare(options: SampleOptions, claim: NamedClaim): Promise<object> {
  const devices = await options.allocated(claim);
  const kind = `${options.name}/claim`;
  const cdiName = (device: string): string => `${claim.uid}-${device}`;
  const file = {
    cdiVersion: '0.6.0',
    kind,
    devices: devices.map(({ device, request }) => ({
      name: cdiName(device),
      containerEdits: {
        env: [`SAMPLE_${request.replace(/\W/g, '_').toUpperCase()}=${device}`],
        deviceNodes: [{ path: `/dev/sample-${device}`, hostPath: options.hostPath }],
      },
    })),
  };
  writeFileSync(fileOf(options, claim), JSON.stringify(file));
  console.log(`prepared ${devices.map(({ device }) => device).join()} for ${claim.namespace}/${claim.name}`);
  return {
    devices: devices.map(({ request, pool, device }) => ({
      requestNames: [request],
      poolName: pool,
      deviceName: device,
      cdiDeviceIds: [`${kind}=${cdiName(device)}`],
    })),
  };
}

/** A claim that is not known is given back already. */
function unprepare(options: SampleOptions, claim: NamedClaim): Promise<object> {
  rmSync(fileOf(options, claim), { force: true });
  console.log(`unprepared ${claim.namespace}/${claim.name}`);
  return Promise.resolve({});
}

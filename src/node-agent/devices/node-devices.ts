/** The devices of a node: plug-ins that register, what containers hold, and the file that outlives the agent. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Container, nonEphemeralContainers, parseQuantity, type Pod, quantityUnits } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import { deviceTable, GrpcFailure, grpcCodes, parseTable, serveGrpc } from '../../grpc/index.ts';
import type { PluginHandler } from '../csi/index.ts';
import { type HintProvider, passesOn, podAmount, type ResourceHints } from '../topology/index.ts';
import { type DeviceInventory, DeviceLedger, DeviceShortage } from './device-ledger.ts';
import { type DeviceGrant, type DevicePlugin, openDevicePlugin, type PluginOptions } from './device-plugin.ts';

interface NodeDevicesOptions {
  /** Where plug-ins find the node's socket and put theirs: device-plugins of the kubelet's folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The machine's; absent: one. */
  readonly numaNodes?: readonly number[] | undefined;
  /** The pods that the node has taken and that have not ended. */
  readonly podUids: () => ReadonlySet<string>;
  /** The amounts are others now. */
  readonly changed: () => void;
}

interface RegisterRequest {
  readonly version: string;
  readonly endpoint: string;
  readonly resourceName: string;
  readonly options?: PluginOptions | undefined;
}

/** What the file keeps: who holds what, and what they were given with it. */
interface Kept {
  readonly resources: readonly string[];
  readonly holdings: DeviceLedger['holdings'];
  readonly grants: readonly (readonly [key: string, grant: DeviceGrant])[];
}

interface DeviceWish {
  readonly resource: string;
  readonly count: number;
}

const version = 'v1beta1';
const noOptions: PluginOptions = { preStartRequired: false, getPreferredAllocationAvailable: false };

export class NodeDevices implements HintProvider {
  readonly #options: NodeDevicesOptions;
  readonly #plugins = new Map<string, DevicePlugin>();
  #ledger = new DeviceLedger();
  #grants = new Map<string, DeviceGrant>();
  #server: { close(): void } | undefined;
  /** Grants of one resource take turns, and so do writes of the file: a plug-in that hangs holds up its own pods. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #closed = false;

  private constructor(options: NodeDevicesOptions) {
    this.#options = options;
  }

  /** Opens the socket anew, by which plug-ins see that they must register again. */
  static async open(options: NodeDevicesOptions): Promise<NodeDevices> {
    const manager = new NodeDevices(options);
    await mkdir(options.folder, { recursive: true });
    await manager.#load();
    const socket = join(options.folder, 'kubelet.sock');
    await rm(socket, { force: true });
    const Register = (request: RegisterRequest): Readonly<Record<string, unknown>> => {
      manager.#register(request, join(options.folder, request.endpoint));
      return {};
    };
    manager.#server = await serveGrpc(socket, [
      { schema: parseTable(deviceTable), service: 'Registration', handlers: { Register } },
    ]);
    return manager;
  }

  amounts(): ReturnType<DeviceLedger['amounts']> {
    return this.#ledger.amounts();
  }

  get inventory(): DeviceInventory {
    return this.#ledger.inventory;
  }

  /** For plug-ins that show themselves in the folder of all plug-ins. */
  get handler(): PluginHandler {
    return {
      add: ({ name, endpoint, supportedVersions }) => {
        const known = supportedVersions.find((each) => each === version) ?? supportedVersions[0] ?? '';
        this.#register({ version: known, endpoint, resourceName: name }, endpoint);
        return Promise.resolve();
      },
      remove: (name) => {
        this.#lose(name, this.#plugins.get(name));
      },
    };
  }

  /** The devices of a container and what comes with them; undefined: it asks for none. Rejects with DeviceShortage. */
  async grant(pod: Pod, container: Container): Promise<DeviceGrant | undefined> {
    const wishes = this.#wishes(container);
    const grants: DeviceGrant[] = [];
    for (const wish of wishes)
      grants.push(await this.#inTurn(wish.resource, () => this.#grantOne(pod, container, wish)));
    const [first, ...others] = grants;
    return first === undefined ? undefined : others.reduce(joined, first);
  }

  hints(pod: Pod, container?: Container): readonly ResourceHints[] {
    const { podUids, numaNodes = [0] } = this.#options;
    const podUid = pod.metadata.uid;
    this.#ledger.keepOnly(new Set([...podUids(), podUid]));
    const asked = container === undefined ? this.#podWishes(pod) : this.#wishes(container);
    return asked.map((wish) => this.#ledger.hints({ podUid, container: container?.name ?? '', ...wish }, numaNodes));
  }

  /** The plug-in is asked when the container is made, and may choose others that are as near. Throws DeviceShortage. */
  reserve(pod: Pod, container: Container, affinity: number | undefined): void {
    const holder = { podUid: pod.metadata.uid, container: container.name, passesOn: passesOn(pod, container) };
    for (const wish of this.#wishes(container)) this.#ledger.reserve({ ...holder, ...wish }, affinity);
  }

  release(podUid: string): void {
    this.#ledger.release(podUid);
  }

  /** What a container asks for that plug-ins have. */
  #wishes({ resources }: Container): readonly DeviceWish[] {
    return Object.entries(resources?.limits ?? {}).flatMap(([resource, amount]) => {
      const count = quantityUnits(parseQuantity(amount));
      return this.#isKnown(resource) && count > 0 ? [{ resource, count }] : [];
    });
  }

  #podWishes(pod: Pod): readonly DeviceWish[] {
    const containers = nonEphemeralContainers(pod);
    const resources = new Set(containers.flatMap((each) => this.#wishes(each).map(({ resource }) => resource)));
    const countOf = (container: Container, resource: string): number =>
      this.#wishes(container).find((wish) => wish.resource === resource)?.count ?? 0;
    return [...resources].map((resource) => ({ resource, count: podAmount(pod, (each) => countOf(each, resource)) }));
  }

  close(): void {
    this.#closed = true;
    this.#server?.close();
    for (const plugin of this.#plugins.values()) plugin.close();
  }

  #isKnown(resource: string): boolean {
    return resource in this.amounts().capacity || this.#ledger.holdings.some((each) => each.resource === resource);
  }

  #inTurn<T>(key: string, job: () => Promise<T>): Promise<T> {
    const mine = (this.#turns.get(key) ?? Promise.resolve()).then(job);
    this.#turns.set(
      key,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async #grantOne(pod: Pod, container: Container, { resource, count }: DeviceWish): Promise<DeviceGrant> {
    const podUid = pod.metadata.uid ?? '';
    const wish = { podUid, container: container.name, resource, count };
    const key = `${podUid}/${container.name}/${resource}`;
    const plugin = this.#plugins.get(resource);
    const known = this.#grants.get(key);
    const held = this.#ledger.held(wish);
    if (known !== undefined && held !== undefined) {
      await plugin?.preStart(held);
      return known;
    }
    if (plugin === undefined) throw new DeviceShortage(`no device plug-in is registered for ${resource}`);
    this.#ledger.keepOnly(new Set([...this.#options.podUids(), podUid]));
    const choice = this.#ledger.choice(wish);
    const usual = [...choice.must, ...choice.free].slice(0, count);
    const preferred = await plugin.preferred({ ...choice, count });
    const ids = preferred !== undefined && isValid(preferred, choice, count) ? preferred : usual;
    const grant = await plugin.allocate(ids);
    this.#ledger.give({ podUid, container: container.name, resource, ids, passesOn: passesOn(pod, container) });
    this.#grants.set(key, grant);
    await this.#inTurn('', () => this.#save());
    await plugin.preStart(ids);
    return grant;
  }

  #register({ version: asked, resourceName, options = noOptions }: RegisterRequest, socketPath: string): void {
    if (asked !== version)
      throw new GrpcFailure(grpcCodes.invalidArgument, `the node speaks ${version} with device plug-ins, not ${asked}`);
    if (!/^[a-z0-9.-]+\/[\w.-]+$/i.test(resourceName) || /(^|\.)kubernetes\.io\//.test(resourceName))
      throw new GrpcFailure(grpcCodes.invalidArgument, `the resource name ${resourceName} is no extended resource`);
    this.#plugins.get(resourceName)?.close();
    const { clock, log, changed } = this.#options;
    const plugin = openDevicePlugin({ socketPath, clock }, options, {
      devices: (devices) => {
        this.#ledger.show(resourceName, devices);
        changed();
      },
      lost: () => {
        this.#lose(resourceName, plugin);
      },
    });
    this.#plugins.set(resourceName, plugin);
    this.#ledger.show(resourceName, []);
    void this.#inTurn('', () => this.#save()).catch((error: unknown) => {
      log.error('cannot keep what devices the node has', { file: this.#file, error: errorMessage(error) });
    });
    log.info('a device plug-in is registered', { resource: resourceName, socket: socketPath });
  }

  /** Another plug-in may have the resource by now. */
  #lose(resource: string, plugin: DevicePlugin | undefined): void {
    if (this.#closed || plugin === undefined || this.#plugins.get(resource) !== plugin) return;
    plugin.close();
    this.#plugins.delete(resource);
    this.#ledger.lose(resource);
    this.#options.log.warn('a device plug-in has gone; nobody gets its devices', { resource });
    this.#options.changed();
  }

  get #file(): string {
    return join(this.#options.folder, 'troupe-devices.json');
  }

  async #load(): Promise<void> {
    try {
      const kept = JSON.parse(await readFile(this.#file, 'utf8')) as Kept;
      this.#ledger = new DeviceLedger(kept.holdings);
      // Until their plug-ins are back, there are none.
      for (const resource of kept.resources) this.#ledger.show(resource, []);
      this.#grants = new Map(kept.grants);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      this.#options.log.error('the file of devices cannot be read; running containers may share theirs with new ones', {
        file: this.#file,
        error: errorMessage(error),
      });
    }
  }

  async #save(): Promise<void> {
    const { holdings } = this.#ledger;
    const living = new Set(holdings.map(({ podUid, container, resource }) => `${podUid}/${container}/${resource}`));
    for (const key of this.#grants.keys()) if (!living.has(key)) this.#grants.delete(key);
    const resources = Object.keys(this.amounts().capacity);
    const kept: Kept = { resources, holdings, grants: [...this.#grants] };
    await writeFile(`${this.#file}.new`, JSON.stringify(kept), { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }
}

function isValid(
  ids: readonly string[],
  { must, free }: { readonly must: readonly string[]; readonly free: readonly string[] },
  count: number,
): boolean {
  const offered = new Set([...must, ...free]);
  return new Set(ids).size === count && ids.length === count && ids.every((id) => offered.has(id));
}

const joined = (one: DeviceGrant, other: DeviceGrant): DeviceGrant => ({
  envs: { ...one.envs, ...other.envs },
  mounts: [...one.mounts, ...other.mounts],
  devices: [...one.devices, ...other.devices],
  cdiDevices: [...one.cdiDevices, ...other.cdiDevices],
});

/** Which devices a node has, which of them are well, and which container holds which: the pure part. */

import { hintsFor, includesNode, type ResourceHints } from '../topology/index.ts';

export interface PluginDevice {
  readonly id: string;
  readonly healthy: boolean;
  /** Parts of the machine's memory that it is near to; absent: its plug-in does not say. */
  readonly numaNodes?: readonly number[] | undefined;
}

/** Devices of one resource that a container holds. */
interface Holding {
  readonly podUid: string;
  readonly container: string;
  readonly resource: string;
  readonly ids: readonly string[];
  /** Of an init container that ends: the pod's later containers may have them. */
  readonly passesOn: boolean;
  /** Set aside on these NUMA nodes (a set of numa-mask.ts) for a container that is to be made. */
  readonly affinity?: number | undefined;
}

interface DeviceAmounts {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** What there is, and who holds what. Pods that are not there any more may still be among the holders. */
export interface DeviceInventory {
  readonly resources: readonly { readonly resource: string; readonly devices: readonly PluginDevice[] }[];
  readonly holdings: readonly Holding[];
}

/** Too few devices. The message is the kubelet's. */
export class DeviceShortage extends Error {
  override readonly name = 'DeviceShortage';
}

/** What a container asks for. */
interface Wish {
  readonly podUid: string;
  readonly container: string;
  readonly resource: string;
  readonly count: number;
}

/** What may be given to a container: `must` are those that it takes over, of them as many as fit. */
interface Choice {
  readonly must: readonly string[];
  readonly free: readonly string[];
}

const isHolderOf = (holding: Holding, { podUid, container, resource }: Omit<Wish, 'count'>): boolean =>
  holding.podUid === podUid && holding.container === container && holding.resource === resource;

const nodesOf = (device: PluginDevice | undefined): readonly number[] => device?.numaNodes ?? [];

export class DeviceLedger {
  readonly #devices = new Map<string, readonly PluginDevice[]>();
  #holdings: readonly Holding[];

  constructor(holdings: readonly Holding[] = []) {
    this.#holdings = holdings;
  }

  get holdings(): readonly Holding[] {
    return this.#holdings;
  }

  get inventory(): DeviceInventory {
    const resources = [...this.#devices].map(([resource, devices]) => ({ resource, devices }));
    return { resources, holdings: this.#holdings };
  }

  /** What the plug-in of a resource has now. */
  show(resource: string, devices: readonly PluginDevice[]): void {
    this.#devices.set(resource, devices);
  }

  /** Its plug-in is away: what it had is known, but nobody gets any of it. */
  lose(resource: string): void {
    this.show(
      resource,
      (this.#devices.get(resource) ?? []).map((device) => ({ ...device, healthy: false })),
    );
  }

  /** The Node's amounts: all devices, and those that are well. */
  amounts(): DeviceAmounts {
    const counted = (count: (devices: readonly PluginDevice[]) => number): Record<string, string> =>
      Object.fromEntries([...this.#devices].map(([resource, devices]) => [resource, String(count(devices))]));
    return {
      capacity: counted((devices) => devices.length),
      allocatable: counted((devices) => devices.filter(({ healthy }) => healthy).length),
    };
  }

  /** What the container holds already. */
  held({ podUid, container, resource }: Omit<Wish, 'count'>): readonly string[] | undefined {
    return this.#holdings.find((each) => isHolderOf(each, { podUid, container, resource }))?.ids;
  }

  /** Throws DeviceShortage where there are not enough. */
  choice(wish: Wish): Choice {
    const { resource, count } = wish;
    const { inherited, free } = this.#available(wish);
    const must = inherited.slice(0, count);
    if (must.length + free.length < count)
      throw new DeviceShortage(
        `requested number of devices unavailable for ${resource}. ` +
          `Requested: ${count}, Available: ${must.length + free.length}`,
      );
    return { must, free: this.#near(wish, free, count - must.length) };
  }

  /** Sets devices aside, from these NUMA nodes first. Throws DeviceShortage. */
  reserve(wish: Wish & Pick<Holding, 'passesOn'>, affinity: number | undefined): void {
    const { podUid, container, resource, count, passesOn } = wish;
    const { must, free } = this.choice(wish);
    const near = free.filter((id) => this.#isNear(resource, id, affinity));
    const ids = [...new Set([...must, ...near, ...free])].slice(0, count);
    this.give({ podUid, container, resource, ids, passesOn, affinity });
  }

  /** The NUMA nodes that could give so many; undefined: no device says where it is. */
  hints(wish: Wish, numaNodes: readonly number[]): ResourceHints {
    const devices = this.#devices.get(wish.resource) ?? [];
    if (!devices.some((device) => nodesOf(device).length > 0)) return undefined;
    const { inherited, free } = this.#available(wish);
    const of = (ids: readonly string[]): readonly { readonly numaNodes: readonly number[] }[] =>
      devices.filter(({ id }) => ids.includes(id)).map((device) => ({ numaNodes: nodesOf(device) }));
    const all = of(devices.map(({ id }) => id));
    return hintsFor({ nodes: numaNodes, all, free: of(free), inherited: of(inherited) }, wish.count);
  }

  /** What a container may take over, and what is free or set aside for it. */
  #available({ podUid, container, resource }: Omit<Wish, 'count'>): {
    readonly inherited: readonly string[];
    readonly free: readonly string[];
  } {
    const well = (this.#devices.get(resource) ?? []).filter(({ healthy }) => healthy).map(({ id }) => id);
    const others = this.#holdings.filter(
      (each) => each.resource === resource && !(each.podUid === podUid && each.container === container),
    );
    const own = others.filter((each) => each.podUid === podUid);
    const kept = new Set(own.filter(({ passesOn }) => !passesOn).flatMap(({ ids }) => ids));
    const passed = new Set(own.filter(({ passesOn }) => passesOn).flatMap(({ ids }) => ids));
    const taken = new Set(others.flatMap(({ ids }) => ids));
    return {
      inherited: [...passed].filter((id) => well.includes(id) && !kept.has(id)),
      free: well.filter((id) => !taken.has(id)).sort(),
    };
  }

  /** Where devices were set aside, only what is as near as they are, and they go first. */
  #near(wish: Wish, free: readonly string[], count: number): readonly string[] {
    const own = this.#holdings.find((each) => isHolderOf(each, wish));
    if (own === undefined) return free;
    const kept = own.ids.filter((id) => free.includes(id));
    const near = free.filter((id) => !kept.includes(id) && this.#isNear(wish.resource, id, own.affinity));
    return kept.length + near.length < count ? free : [...kept, ...near];
  }

  #isNear(resource: string, id: string, affinity: number | undefined): boolean {
    const device = this.#devices.get(resource)?.find((each) => each.id === id);
    return affinity === undefined || nodesOf(device).some((node) => includesNode(affinity, node));
  }

  /** In place of what is set aside for the container. */
  give(holding: Holding): void {
    this.#holdings = [...this.#holdings.filter((each) => !isHolderOf(each, holding)), holding];
  }

  release(podUid: string): void {
    this.#holdings = this.#holdings.filter((each) => each.podUid !== podUid);
  }

  /** Pods that are not there any more hold nothing. Whether that freed something. */
  keepOnly(podUids: ReadonlySet<string>): boolean {
    const before = this.#holdings.length;
    this.#holdings = this.#holdings.filter(({ podUid }) => podUids.has(podUid));
    return this.#holdings.length < before;
  }
}

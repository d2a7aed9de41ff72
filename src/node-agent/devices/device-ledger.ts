/** Which devices a node has, which of them are well, and which container holds which: the pure part. */

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
    return this.#holdings.find(
      (each) => each.podUid === podUid && each.container === container && each.resource === resource,
    )?.ids;
  }

  /** Throws DeviceShortage where there are not enough. */
  choice({ podUid, resource, count }: Wish): Choice {
    const well = (this.#devices.get(resource) ?? []).filter(({ healthy }) => healthy).map(({ id }) => id);
    const own = this.#holdings.filter((each) => each.podUid === podUid && each.resource === resource);
    const kept = new Set(own.filter(({ passesOn }) => !passesOn).flatMap(({ ids }) => ids));
    const inherited = own.filter(({ passesOn }) => passesOn).flatMap(({ ids }) => ids);
    const must = [...new Set(inherited)].filter((id) => well.includes(id) && !kept.has(id)).slice(0, count);
    const taken = new Set(this.#holdings.filter((each) => each.resource === resource).flatMap(({ ids }) => ids));
    const free = well.filter((id) => !taken.has(id)).sort();
    if (must.length + free.length < count)
      throw new DeviceShortage(
        `requested number of devices unavailable for ${resource}. ` +
          `Requested: ${count}, Available: ${must.length + free.length}`,
      );
    return { must, free };
  }

  give(holding: Holding): void {
    this.#holdings = [...this.#holdings, holding];
  }

  /** Pods that are not there any more hold nothing. Whether that freed something. */
  keepOnly(podUids: ReadonlySet<string>): boolean {
    const before = this.#holdings.length;
    this.#holdings = this.#holdings.filter(({ podUid }) => podUids.has(podUid));
    return this.#holdings.length < before;
  }
}

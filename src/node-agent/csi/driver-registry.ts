/** The CSI drivers of the node: found by their name, and shown in CSINode and Node. */
import { type CSINode, type CSINodeDriver, type Node, resources, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { retryUntilSuccess } from '../retry.ts';
import { VolumeSetupError } from '../volumes/index.ts';
import { changedDrivers, driverEntry, placeOf } from './csi-node.ts';
import { KeyedTurns } from './keyed-turns.ts';
import { type NodeInfo, type NodeService, nodeService } from './node-service.ts';
import type { PluginHandler, PluginInfo } from './plugin-watch.ts';

interface RegistryPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface RegistryOptions {
  readonly node: string;
  /** Deadline of calls that mount or unmount. */
  readonly callMs: number;
}

const manager = { fieldManager: 'node-agent' };
const conflictsMax = 20;
/** An agent that starts gives the drivers of its last life this long to show themselves. */
const comeBackMs = 60_000;

/** The registered drivers, by name. */
export interface Drivers {
  /** The node service of a driver. Throws VolumeSetupError while it is not registered. */
  service(driver: string): NodeService;
  has(driver: string): boolean;
}

export class DriverRegistry implements Drivers, PluginHandler {
  readonly #ports: RegistryPorts;
  readonly #options: RegistryOptions;
  readonly #drivers = new Map<string, NodeService>();
  readonly #writes = new KeyedTurns();
  #closed = false;

  constructor(ports: RegistryPorts, options: RegistryOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Makes the node's CSINode; drivers that it shows and that do not come back are taken off it. */
  open(): void {
    void retryUntilSuccess(
      this.#ports,
      'make the CSINode',
      () => this.#change('', undefined),
      () => this.#closed,
    );
    this.#ports.timers.after(comeBackMs, () => {
      void this.#removeAbsent().catch((error: unknown) => {
        this.#ports.log.warn('failed to take absent drivers off the CSINode', { error: errorMessage(error) });
      });
    });
  }

  close(): void {
    this.#closed = true;
  }

  service(driver: string): NodeService {
    const found = this.#drivers.get(driver);
    if (found === undefined)
      throw new VolumeSetupError(
        `driver name ${driver} not found in the list of registered CSI drivers; ` +
          `does the driver's pod run on this node?`,
      );
    return found;
  }

  has(driver: string): boolean {
    return this.#drivers.has(driver);
  }

  async add({ name, endpoint, supportedVersions }: PluginInfo): Promise<void> {
    if (!supportedVersions.some((version) => /^v?1\./.test(version)))
      throw new Error(`${name} supports the versions ${supportedVersions.join(', ')} of CSI; this node speaks 1`);
    const service = nodeService(endpoint, { clock: this.#ports.clock, callMs: this.#options.callMs });
    const info = await service.info();
    if (info.nodeId === '') throw new Error(`${name} answered NodeGetInfo without a node id`);
    await this.#showPlace(name, info);
    await this.#change(name, driverEntry(name, info));
    this.#drivers.set(name, service);
  }

  remove(name: string): void {
    this.#drivers.delete(name);
    const step = `take the driver ${name} off the CSINode`;
    void retryUntilSuccess(
      this.#ports,
      step,
      async () => {
        if (!this.#drivers.has(name)) await this.#change(name, undefined);
      },
      () => this.#closed,
    ).catch(() => undefined);
  }

  async #removeAbsent(): Promise<void> {
    const shown = await this.#read();
    for (const { name } of shown?.spec.drivers ?? [])
      if (!this.#closed && !this.#drivers.has(name)) await this.#change(name, undefined);
  }

  async #read(): Promise<CSINode | undefined> {
    try {
      return await this.#ports.client.get<CSINode>({ ...resources.csiNodes, name: this.#options.node });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Sets or removes a driver's entry; the CSINode is made when there is none. */
  #change(name: string, entry: CSINodeDriver | undefined): Promise<void> {
    return this.#writes.run('csinode', async () => {
      for (let tries = 1; ; tries++)
        try {
          await this.#changeOnce(name, entry);
          return;
        } catch (error) {
          if (!(error instanceof StatusError) || error.code !== 409 || tries >= conflictsMax) throw error;
        }
    });
  }

  async #changeOnce(name: string, entry: CSINodeDriver | undefined): Promise<void> {
    const { client } = this.#ports;
    const { node } = this.#options;
    const shown = await this.#read();
    if (shown === undefined) {
      const { uid } = (await client.get<Node>({ ...resources.nodes, name: node })).metadata;
      const owner = { apiVersion: 'v1', kind: 'Node', name: node, uid };
      await client.create(
        resources.csiNodes,
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'CSINode',
          metadata: { name: node, ownerReferences: [owner] },
          spec: { drivers: entry === undefined ? [] : [entry] },
        },
        manager,
      );
      return;
    }
    const drivers = changedDrivers(shown, name, entry);
    if (drivers === undefined) return;
    await client.update({ ...resources.csiNodes, name: node }, { ...shown, spec: { ...shown.spec, drivers } }, manager);
  }

  /** Labels the Node with the driver's topology. */
  async #showPlace(name: string, info: NodeInfo): Promise<void> {
    const { client } = this.#ports;
    const ref = { ...resources.nodes, name: this.#options.node };
    const metadata = placeOf(await client.get<Node>(ref), name, info);
    if (metadata !== undefined) await client.patch<Node>(ref, { type: 'strategic', body: { metadata } }, manager);
  }
}

/** The drivers of devices by claims that run on the node, and the slices that they leave behind. */
import { type ResourceSlice, resources, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import type { PluginHandler } from '../csi/index.ts';
import { type ClaimDriver, claimDriver } from './claim-driver.ts';

interface DriversPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface DriversOptions {
  readonly node: string;
  /** Deadline of calls; absent: the kubelet's. */
  readonly callMs?: number | undefined;
}

type PluginInfo = Parameters<PluginHandler['add']>[0];

/** The service that this node speaks, as plug-ins name it. */
const service = 'v1beta1.DRAPlugin';
/** A driver that goes may be on its way back; one of the agent's last life has longer. */
const comeBackMs = 30_000;
const startMs = 60_000;

export class ClaimDrivers implements PluginHandler {
  readonly #ports: DriversPorts;
  readonly #options: DriversOptions;
  readonly #drivers = new Map<string, ClaimDriver>();
  readonly #timers = new Set<Timer>();

  constructor(ports: DriversPorts, options: DriversOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Slices of drivers that the node had, and that do not come back, are removed. */
  open(): void {
    this.#later(startMs, async () => {
      const { items } = await this.#ports.client.list<ResourceSlice>({
        ...resources.resourceSlices,
        fieldSelector: `spec.nodeName=${this.#options.node}`,
      });
      for (const driver of new Set(items.map(({ spec }) => spec.driver))) await this.#removeSlices(driver);
    });
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  has(driver: string): boolean {
    return this.#drivers.has(driver);
  }

  /** Throws an Error while the driver is not registered. */
  of(driver: string): ClaimDriver {
    const found = this.#drivers.get(driver);
    if (found === undefined)
      throw new Error(`DRA driver ${driver} is not registered on the node; does the driver's pod run here?`);
    return found;
  }

  add({ name, endpoint, supportedVersions }: PluginInfo): Promise<void> {
    if (!supportedVersions.includes(service))
      return Promise.reject(
        new Error(`${name} supports ${supportedVersions.join(', ') || 'nothing'}; this node speaks ${service}`),
      );
    const { clock } = this.#ports;
    this.#drivers.set(name, claimDriver(endpoint, { clock, deadlineMs: this.#options.callMs }));
    return Promise.resolve();
  }

  remove(name: string): void {
    this.#drivers.delete(name);
    this.#later(comeBackMs, () => this.#removeSlices(name));
  }

  /** Nobody is to be sent here for devices that nobody can prepare. */
  async #removeSlices(driver: string): Promise<void> {
    if (this.has(driver)) return;
    const fieldSelector = `spec.nodeName=${this.#options.node},spec.driver=${driver}`;
    await this.#ports.client.deleteCollection({ ...resources.resourceSlices, fieldSelector });
    this.#ports.log.info('the slices of a DRA driver that has gone are removed', { driver });
  }

  #later(ms: number, job: () => Promise<void>): void {
    const timer = this.#ports.timers.after(ms, () => {
      this.#timers.delete(timer);
      job().catch((error: unknown) => {
        // A cluster without devices by claims has no slices.
        if (error instanceof StatusError && error.code === 404) return;
        this.#ports.log.warn('failed to remove slices of DRA drivers that have gone', { error: errorMessage(error) });
      });
    });
    this.#timers.add(timer);
  }
}

/** Registers the node, and keeps its status and lease. */
import { type Node, resources, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { retryUntilSuccess } from '../retry.ts';
import type { ImageFacts } from '../runtime/index.ts';
import { keepLease, type KeptNodeLease, type TellMembers } from './lease.ts';
import {
  type DeviceAmounts,
  nodeAnnotations,
  nodeLabels,
  nodeObject,
  nodeStatus,
  type NodeFacts,
} from './node-object.ts';

interface RegistrationPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Absent: each renewal of the Lease is a write. */
  readonly tell?: TellMembers | undefined;
}

interface RegistrationOptions {
  readonly facts: NodeFacts;
  readonly leaseMs: number;
  readonly images: () => Promise<readonly ImageFacts[]>;
  /** Why the node cannot run pods now; undefined: it can. */
  readonly notReadyReason: () => string | undefined;
  /** Types of the pressures that the node is under now. */
  readonly pressures: () => readonly string[];
  /** What device plug-ins have; absent: there are none. */
  readonly devices?: (() => DeviceAmounts) | undefined;
  /** The attachable volumes that the node holds; the Node's status says them. */
  readonly volumesInUse?: (() => readonly string[]) | undefined;
  /** What the Lease says beside its time. */
  readonly leaseAnnotations?: (() => Readonly<Record<string, string>>) | undefined;
}

const statusEveryMs = 60_000;

/**
 * Registers the node, then keeps its lease and status. Resolves when the Node exists and is shown as ready; retries
 * until then.
 */
export async function register(ports: RegistrationPorts, options: RegistrationOptions): Promise<Registration> {
  const registration = new Registration(ports, options);
  await registration.open();
  return registration;
}

/** A node's standing with the API. */
export class Registration {
  readonly #ports: RegistrationPorts;
  readonly #options: RegistrationOptions;
  #lease: KeptNodeLease | undefined;
  #timer: Timer | undefined;
  #closed = false;
  /** The status shall be written, once more if it is being written. */
  #wanted = false;
  #writing = false;

  constructor(ports: RegistrationPorts, options: RegistrationOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  async open(): Promise<void> {
    const { client, timers } = this.#ports;
    const { facts } = this.#options;
    await retryUntilSuccess(this.#ports, 'register the node', () => createNode(client, facts));
    await retryUntilSuccess(this.#ports, 'write the node status', () => this.#writeStatus());
    this.#lease = keepLease(this.#ports, { ...this.#options, name: this.#options.facts.name });
    this.#timer = timers.every(statusEveryMs, () => {
      this.update();
    });
  }

  /** Shows at once whether the node is ready; retries until that succeeds. */
  update(): void {
    this.#wanted = true;
    if (this.#writing) return;
    this.#writing = true;
    this.#writeWanted()
      .catch((error: unknown) => {
        if (!this.#closed) this.#ports.log.error('failed to write the node status', { error: errorMessage(error) });
      })
      .finally(() => {
        this.#writing = false;
      });
  }

  /** The Node as the API shows it now: a Ready condition that another writer changed is put right. */
  notice(shown: Node): void {
    if (readyOf(shown) !== (this.#options.notReadyReason() === undefined ? 'True' : 'False')) this.update();
  }

  /** Shows at once that the node lives. */
  renew(): void {
    this.#lease?.renew();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#lease?.close();
  }

  async #writeWanted(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      this.#wanted = false;
      await retryUntilSuccess(this.#ports, 'write the node status', async () => {
        if (!this.#closed) await this.#writeOrRegister();
      });
    }
  }

  async #writeOrRegister(): Promise<void> {
    try {
      await this.#writeStatus();
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
      // The Node of a machine that lives was deleted: it registers again.
      await createNode(this.#ports.client, this.#options.facts);
      await this.#writeStatus();
    }
  }

  async #writeStatus(): Promise<void> {
    const { client, clock } = this.#ports;
    const { facts, images, notReadyReason, pressures, volumesInUse, devices } = this.#options;
    const reason = notReadyReason();
    const ref = { ...resources.nodes, name: facts.name };
    const shown = (await client.get<Node>(ref)).status ?? {};
    const status = nodeStatus(facts, {
      ready: reason === undefined,
      message: reason ?? '',
      pressures: pressures(),
      devices: devices?.() ?? { capacity: {}, allocatable: {} },
      now: clock.now(),
      images: await images().catch(() => []),
      shown,
    });
    const addresses = [{ $patch: 'replace' }, ...(status.addresses ?? [])];
    const held = volumesInUse?.();
    await client.patch<Node>(
      ref,
      { type: 'strategic', body: { status: { ...status, addresses, volumesInUse: held } } },
      { subresource: 'status', fieldManager: 'node-agent' },
    );
  }
}

function readyOf(node: Node): string | undefined {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

async function createNode(client: ResourceClient, facts: NodeFacts): Promise<void> {
  const options = { fieldManager: 'node-agent' };
  try {
    await client.create<Node>(resources.nodes, nodeObject(facts), options);
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 409) throw error;
    await client.patch<Node>(
      { ...resources.nodes, name: facts.name },
      { type: 'strategic', body: { metadata: { labels: nodeLabels(facts), annotations: nodeAnnotations(facts) } } },
      options,
    );
  }
}

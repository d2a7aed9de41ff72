/**
 * Keeps the node's Lease, the sign of life that costs least. It is made through the API, and written there again when
 * what it says changes; in between the agent only tells the members that it renews it. It tells them at every turn,
 * also while a write waits for its answer: a member that does not answer makes no node silent.
 */
import { microTimeText, type Node, type OwnerReference, resources, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { LeaseRenewal } from '../../protocol/index.ts';
import type { ResourceClient } from '../../resources/index.ts';

interface LeasePorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Absent: each renewal is a write of the Lease. */
  readonly tell?: TellMembers | undefined;
}

/**
 * Tells the members of a renewal. `asks`: waits for an answer. False: nobody answered, or the Lease is gone; true
 * without an answer says nothing.
 */
export type TellMembers = (renewal: LeaseRenewal, asks: boolean) => Promise<boolean>;

interface LeaseOptions {
  /** Of the node. */
  readonly name: string;
  readonly leaseMs: number;
  /** What the Lease says beside its time. */
  readonly leaseAnnotations?: (() => Readonly<Record<string, string>>) | undefined;
}

const leaseNamespace = 'kube-node-lease';
const writing = { fieldManager: 'node-agent' };
/** Every so many renewals the agent asks whether they are heard; where they are not, it writes so many itself. */
const toldMax = 4;
const writtenMax = 4;

export interface KeptNodeLease {
  /** Renews it at once, as when the way to the members is open again. */
  renew(): void;
  close(): void;
}

/** Renews it until it is closed. A miss is made up at the next turn. */
export function keepLease(ports: LeasePorts, options: LeaseOptions): KeptNodeLease {
  const lease = new KeptLease(ports, options);
  lease.turn();
  return {
    renew: () => {
      lease.turn();
    },
    close: () => {
      lease.close();
    },
  };
}

class KeptLease {
  readonly #ports: LeasePorts;
  readonly #options: LeaseOptions;
  #known = false;
  #closed = false;
  /** A renewal waits for its answer. */
  #busy = false;
  #timer: Timer | undefined;
  /** The annotations that the Lease was written with last. */
  #said = '';
  /** Renewals that may be told before the agent asks again; none before the first answer. */
  #toldLeft = 0;
  /** Renewals to write before it is tried again to tell one. */
  #writtenLeft = 0;

  constructor(ports: LeasePorts, options: LeaseOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  turn(): void {
    if (this.#closed) return;
    const { log, timers } = this.#ports;
    this.#timer?.cancel();
    this.#timer = timers.after(this.#options.leaseMs, () => {
      this.turn();
    });
    if (this.#busy) {
      if (this.#known) void this.#tell(false);
      return;
    }
    this.#busy = true;
    this.#renew()
      .catch((error: unknown) => {
        log.warn('failed to renew the node lease; retrying', { error: errorMessage(error) });
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  get #ref() {
    return { ...resources.leases, namespace: leaseNamespace, name: this.#options.name };
  }

  get #spec(): object {
    return {
      holderIdentity: this.#options.name,
      leaseDurationSeconds: Math.max(1, Math.ceil((this.#options.leaseMs * 3) / 1000)),
      renewTime: microTimeText(this.#ports.clock.now()),
    };
  }

  get #annotations(): Readonly<Record<string, string>> {
    return this.#options.leaseAnnotations?.() ?? {};
  }

  async #renew(): Promise<void> {
    if (this.#known && (await this.#told())) return;
    const says = JSON.stringify(this.#annotations);
    if (!this.#known || !(await this.#patched())) await this.#create();
    this.#known = true;
    this.#said = says;
  }

  /** False: it is to be written, which may take long; the members have been told. */
  async #told(): Promise<boolean> {
    const isWritten = this.#writtenLeft > 0 || JSON.stringify(this.#annotations) !== this.#said;
    const asks = !isWritten && this.#toldLeft === 0;
    const heard = await this.#tell(asks);
    if (isWritten) {
      this.#writtenLeft = Math.max(0, this.#writtenLeft - 1);
      return false;
    }
    if (heard) {
      this.#toldLeft = asks ? toldMax : this.#toldLeft - 1;
      return true;
    }
    this.#toldLeft = 0;
    this.#writtenLeft = writtenMax;
    return false;
  }

  /** False: nobody answered, or the Lease is gone. */
  async #tell(asks: boolean): Promise<boolean> {
    const { tell, clock } = this.#ports;
    return (await tell?.({ at: clock.now(), leaseMs: this.#options.leaseMs }, asks)) ?? false;
  }

  async #create(): Promise<void> {
    const { name } = this.#options;
    const [annotations, ownerReferences] = [this.#annotations, await this.#owners()];
    try {
      await this.#ports.client.create(
        { ...resources.leases, namespace: leaseNamespace },
        {
          ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
          metadata: { name, namespace: leaseNamespace, annotations, ownerReferences },
          spec: this.#spec,
        },
        writing,
      );
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 409) throw error;
      await this.#own();
    }
  }

  /** False: there is no Lease. */
  async #patched(): Promise<boolean> {
    const annotations = this.#annotations;
    const says = Object.keys(annotations).length > 0;
    const body = says ? { spec: this.#spec, metadata: { annotations } } : { spec: this.#spec };
    try {
      await this.#ports.client.patch(this.#ref, { type: 'merge', body }, writing);
      return true;
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
      return false;
    }
  }

  /** The Lease goes with its Node. */
  async #owners(): Promise<readonly OwnerReference[]> {
    const { name } = this.#options;
    const { metadata } = await this.#ports.client.get<Node>({ ...resources.nodes, name });
    return [{ apiVersion: 'v1', kind: 'Node', name, uid: metadata.uid }];
  }

  /** A Lease of an earlier version has no owner; one that is there stays. */
  async #own(): Promise<void> {
    const { metadata } = await this.#ports.client.get(this.#ref);
    if ((metadata.ownerReferences ?? []).length > 0) return;
    const body = { metadata: { ownerReferences: await this.#owners() } };
    await this.#ports.client.patch(this.#ref, { type: 'merge', body }, writing);
  }
}

/**
 * Which members stand behind the Service `kubernetes`: those that renew their lease, as kube-apiserver's lease endpoint
 * reconciler has it. A lease is fresh by the reader's own clock: it saw the lease change within the lease's time. So a
 * member that dies leaves, one that comes back returns, and one that is stopped on purpose leaves before it stops.
 */
import { type KubeObject, microTimeText, StatusError, resources } from '../../api/index.ts';
import { AwakeTime, type Clock, delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ApiEndpoint, ResourceClient, ResourceView } from '../../resources/index.ts';
import { type Grant, type MemberRecord, schedulerShard, type Shards } from '../../shards/index.ts';
import { FreshLeases, leaseMs } from './fresh-leases.ts';

interface ApiEndpointsPorts {
  readonly view: ResourceView;
  /** Writes this member's lease. */
  readonly client: ResourceClient;
  readonly shards: Pick<Shards, 'grant'>;
  /** All members, as they are recorded now. */
  readonly members: () => readonly MemberRecord[];
  /** Makes the Service lead to these endpoints and no others, under the fence of the grant. */
  readonly put: (grant: Grant, endpoints: readonly ApiEndpoint[]) => Promise<void>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface ApiEndpointsOptions {
  /** This member's name. */
  readonly member: string;
  /** Called while this member owns the Service, whenever the members differ from the last call's. */
  readonly changed: (members: readonly MemberRecord[]) => Promise<void>;
}

export interface ApiEndpoints {
  /** Gives the lease back. Resolves once this member is off the Service, or after two seconds. */
  leave(): Promise<void>;
  close(): void;
}

interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string };
}

const { leases } = resources;
const namespace = 'kube-system';
const leaseName = (member: string): string => `apiserver-${member}`;
const renewMs = 2_000;
/** Nobody reads the lease of a member that is alone. */
const renewAloneMs = 30_000;
const periodMs = 500;
const leaveMs = 2_000;

/** Keeps this member's lease, and the Service's endpoints while this member owns the scheduler's shard. */
export function keepApiEndpoints(ports: ApiEndpointsPorts, options: ApiEndpointsOptions): ApiEndpoints {
  return new LeaseEndpoints(ports, options);
}

/** The endpoints of members whose leases are fresh, in the order of their names. */
export function endpointsOf(members: readonly MemberRecord[], fresh: ReadonlySet<string>): readonly ApiEndpoint[] {
  return members.filter(({ name }) => fresh.has(name)).map(({ host, apiPort }) => ({ address: host, port: apiPort }));
}

class LeaseEndpoints implements ApiEndpoints {
  readonly #ports: ApiEndpointsPorts;
  readonly #options: ApiEndpointsOptions;
  readonly #fresh = new FreshLeases();
  /** Leases that were renewed while this process stood still may not have reached its view yet. */
  readonly #awake: AwakeTime;
  readonly #timer: { cancel(): void };
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** The members of the last call of `changed`, as text. */
  #published = '';
  #busy = false;
  #leaving = false;

  constructor(ports: ApiEndpointsPorts, options: ApiEndpointsOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#awake = new AwakeTime(ports.clock, periodMs * 2);
    this.#timer = ports.timers.every(periodMs, () => {
      this.#tick();
    });
    this.#tick();
  }

  close(): void {
    this.#timer.cancel();
  }

  async leave(): Promise<void> {
    const { members, view, client, clock, timers } = this.#ports;
    const { member } = this.#options;
    const own = members().find(({ name }) => name === member);
    if (own === undefined || members().length === 1) return;
    this.#leaving = true;
    await client.delete({ ...leases, namespace, name: leaseName(member) }).catch(ignoreStatus);
    const listed = (): boolean => {
      const endpoints = view.get(resources.endpoints, 'default', 'kubernetes');
      return JSON.stringify(endpoints ?? {}).includes(`"${own.host}"`);
    };
    for (const end = clock.monotonic() + leaveMs; listed() && clock.monotonic() < end;)
      await delay(timers, periodMs / 10);
  }

  #tick(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#reconcile()
      .catch((error: unknown) => {
        this.#ports.log.debug('cannot keep the endpoints of the API; retrying', { error: errorMessage(error) });
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  async #reconcile(): Promise<void> {
    const { shards, clock } = this.#ports;
    const members = this.#ports.members();
    const now = clock.monotonic();
    if (!this.#leaving && now - this.#renewedAt >= (members.length === 1 ? renewAloneMs : renewMs)) {
      await this.#renew();
      this.#renewedAt = now;
    }
    const fresh = this.#freshMembers(members, this.#awake.now());
    const grant = shards.grant(schedulerShard);
    const endpoints = endpointsOf(members, fresh);
    if (grant === undefined || endpoints.length === 0) return;
    await this.#ports.put(grant, endpoints);
    const text = JSON.stringify(members);
    if (text === this.#published) return;
    await this.#options.changed(members);
    this.#published = text;
  }

  #freshMembers(members: readonly MemberRecord[], now: number): ReadonlySet<string> {
    const found = members.flatMap(({ name }) => {
      const renewTime = this.#ports.view.get<Lease>(leases, namespace, leaseName(name))?.spec?.renewTime;
      return renewTime === undefined ? [] : [{ member: name, renewTime }];
    });
    return members.length === 1 ? new Set(members.map(({ name }) => name)) : this.#fresh.look(found, now);
  }

  async #renew(): Promise<void> {
    const { client, clock } = this.#ports;
    const { member } = this.#options;
    const name = leaseName(member);
    const spec = {
      holderIdentity: member,
      leaseDurationSeconds: leaseMs / 1000,
      renewTime: microTimeText(clock.now()),
    };
    try {
      await client.patch({ ...leases, namespace, name }, { type: 'merge', body: { spec } });
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
      const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': member };
      await client.create(
        { ...leases, namespace },
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace, labels }, spec },
      );
    }
  }
}

function ignoreStatus(error: unknown): void {
  if (!(error instanceof StatusError)) throw error;
}

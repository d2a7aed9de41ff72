import { type KubeObject, microTimeText, StatusError } from '../../api/index.ts';
import { type Clock, delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import {
  type ApiEndpoint,
  localClient,
  putApiEndpoints,
  type ResourceView,
  systemUser,
} from '../../resources/index.ts';
import { memberRecords, type MemberRecord, schedulerShard, type Shards } from '../../shards/index.ts';
import type { Store } from '../../state/index.ts';
import type { OwnWrites } from './own-writes.ts';

/*
 * Which members are behind the Service `kubernetes`: those that renew their lease, as upstream's API servers do. A
 * lease is fresh by the watcher's own clock: it saw it change within the lease's time. So a member that dies leaves,
 * one that comes back returns, and one that is stopped on purpose leaves before it stops.
 */

export interface ApiEndpointsPorts {
  readonly store: Store;
  readonly view: ResourceView;
  readonly writes: OwnWrites;
  readonly shards: Pick<Shards, 'grant'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

export interface ApiEndpoints {
  /** Gives the lease back, and resolves when the others have taken this member off, or after a while. */
  leave(): Promise<void>;
  close(): void;
}

interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string };
}

const leases = { group: 'coordination.k8s.io', resource: 'leases' } as const;
const namespace = 'kube-system';
const leaseName = (member: string): string => `apiserver-${member}`;
const leaseMs = 6_000;
const renewMs = 2_000;
/** A member that is alone has nobody to tell. */
const renewAloneMs = 30_000;
const lookMs = 500;
const leaveMs = 2_000;

/**
 * Keeps this member's lease, and the Service's endpoints while this member has that duty. `changed`: with that duty,
 * told of the members whenever they are others than before.
 */
export function keepApiEndpoints(
  ports: ApiEndpointsPorts,
  options: { readonly member: string; readonly changed: (members: readonly MemberRecord[]) => Promise<void> },
): ApiEndpoints {
  return new KeptEndpoints(ports, options);
}

/** The endpoints of members whose leases are fresh, in the order of their names. */
export function endpointsOf(members: readonly MemberRecord[], fresh: ReadonlySet<string>): readonly ApiEndpoint[] {
  return members.filter(({ name }) => fresh.has(name)).map(({ host, apiPort }) => ({ address: host, port: apiPort }));
}

/** Says of each lease whether it changed within its time. */
export class FreshLeases {
  readonly #seen = new Map<string, { readonly renewTime: string; readonly at: number }>();

  /** `now`: monotonic ms. */
  look(found: readonly { readonly member: string; readonly renewTime: string }[], now: number): ReadonlySet<string> {
    const present = new Set(found.map(({ member }) => member));
    for (const member of this.#seen.keys()) if (!present.has(member)) this.#seen.delete(member);
    for (const { member, renewTime } of found)
      if (this.#seen.get(member)?.renewTime !== renewTime) this.#seen.set(member, { renewTime, at: now });
    return new Set([...this.#seen].filter(([, { at }]) => now - at < leaseMs).map(([member]) => member));
  }
}

class KeptEndpoints implements ApiEndpoints {
  readonly #ports: ApiEndpointsPorts;
  readonly #options: Parameters<typeof keepApiEndpoints>[1];
  readonly #fresh = new FreshLeases();
  readonly #timer: { cancel(): void };
  #renewedAt = Number.NEGATIVE_INFINITY;
  #told = '';
  #busy = false;
  #leaving = false;

  constructor(ports: ApiEndpointsPorts, options: Parameters<typeof keepApiEndpoints>[1]) {
    this.#ports = ports;
    this.#options = options;
    this.#timer = ports.timers.every(lookMs, () => {
      this.#look();
    });
    this.#look();
  }

  close(): void {
    this.#timer.cancel();
  }

  async leave(): Promise<void> {
    const { store, view, writes, clock, timers } = this.#ports;
    const { member } = this.#options;
    const own = memberRecords(store).find(({ name }) => name === member);
    if (own === undefined || memberRecords(store).length === 1) return;
    this.#leaving = true;
    await localClient(writes(), systemUser)
      .delete({ ...leases, namespace, name: leaseName(member) })
      .catch(ignoreStatus);
    const listed = (): boolean =>
      JSON.stringify(view.get({ group: '', resource: 'endpoints' }, 'default', 'kubernetes') ?? {}).includes(
        `"${own.host}"`,
      );
    for (const end = clock.monotonic() + leaveMs; listed() && clock.monotonic() < end;)
      await delay(timers, lookMs / 10);
  }

  #look(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#once()
      .catch((error: unknown) => {
        this.#ports.log.debug('the endpoints of the API could not be kept; it is tried again', {
          error: errorMessage(error),
        });
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  async #once(): Promise<void> {
    const { store, view, writes, shards, clock, log } = this.#ports;
    const members = memberRecords(store);
    const now = clock.monotonic();
    if (!this.#leaving && now - this.#renewedAt >= (members.length === 1 ? renewAloneMs : renewMs)) {
      await this.#renew();
      this.#renewedAt = now;
    }
    const found = members.flatMap(({ name }) => {
      const renewTime = view.get<Lease>(leases, namespace, leaseName(name))?.spec?.renewTime;
      return renewTime === undefined ? [] : [{ member: name, renewTime }];
    });
    const fresh = members.length === 1 ? new Set(members.map(({ name }) => name)) : this.#fresh.look(found, now);
    const grant = shards.grant(schedulerShard);
    const endpoints = endpointsOf(members, fresh);
    if (grant === undefined || endpoints.length === 0) return;
    await putApiEndpoints({ service: writes(grant), store, clock, log }, endpoints);
    const text = JSON.stringify(members);
    if (text === this.#told) return;
    await this.#options.changed(members);
    this.#told = text;
  }

  async #renew(): Promise<void> {
    const { writes, clock } = this.#ports;
    const { member } = this.#options;
    const client = localClient(writes(), systemUser);
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

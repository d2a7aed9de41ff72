/** The claims of a node's pods: devices are prepared before containers run, and given back when the pod is over. */
import {
  type Container,
  isClaimFor,
  isReservedForPod,
  type Pod,
  podClaimOf,
  type PodResourceClaim,
  type ResourceClaim,
  resources,
} from '../../api/index.ts';
import { type Clock, delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { KeyedTurns, type PluginHandler } from '../csi/index.ts';
import { ClaimDrivers } from './claim-drivers.ts';
import { type ClaimedDevice, type ClaimRecord, ClaimRecords } from './claim-records.ts';

interface ClaimPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface ClaimOptions {
  readonly node: string;
  /** Where the node keeps what it knows over a restart. */
  readonly file: string;
  readonly callMs?: number | undefined;
}

/** What a container gets by one of its pod's claims. */
export interface ClaimGrant {
  /** The claim's name in the pod. */
  readonly entry: string;
  /** The ResourceClaim's name. */
  readonly claim: string;
  readonly devices: readonly ClaimedDevice[];
}

/** A pod's devices are not there. The message says which and why. */
export class ClaimSetupError extends Error {
  override readonly name = 'ClaimSetupError';
}

const retryMsMin = 500;
const retryMsMax = 30_000;
/** A pod is told of a failure at the first one, and when it has lasted. */
const toldAfter = [1, 4, 16, 64];

export class NodeClaims {
  readonly #ports: ClaimPorts;
  readonly #records: ClaimRecords;
  readonly #drivers: ClaimDrivers;
  /** What is done for one claim follows each other; other claims never wait. */
  readonly #turns = new KeyedTurns();
  readonly #releasing = new Map<string, Promise<void>>();
  #closed = false;

  private constructor(ports: ClaimPorts, options: ClaimOptions, records: ClaimRecords) {
    this.#ports = ports;
    this.#records = records;
    this.#drivers = new ClaimDrivers(ports, options);
  }

  static async open(ports: ClaimPorts, options: ClaimOptions): Promise<NodeClaims> {
    const claims = new NodeClaims(ports, options, await ClaimRecords.open(options.file, ports.log));
    claims.#drivers.open();
    return claims;
  }

  get handler(): PluginHandler {
    return this.#drivers;
  }

  close(): void {
    this.#closed = true;
    this.#drivers.close();
  }

  /** Has drivers prepare the devices of all of a pod's claims. Rejects with ClaimSetupError; repeating is harmless. */
  async prepare(pod: Pod): Promise<void> {
    for (const entry of pod.spec.resourceClaims ?? []) {
      try {
        await this.#prepareEntry(pod, entry);
      } catch (error) {
        throw new ClaimSetupError(`cannot prepare the devices of claim "${entry.name}": ${errorMessage(error)}`, {
          cause: error,
        });
      }
    }
  }

  /** The CDI names of the devices of the claims that a container names. Throws ClaimSetupError. */
  grant(pod: Pod, container: Container): readonly string[] {
    const grants = this.held(pod, container);
    const missing = (container.resources?.claims ?? []).find(({ name }) => grants.every(({ entry }) => entry !== name));
    if (missing !== undefined) throw new ClaimSetupError(`the devices of claim "${missing.name}" are not prepared`);
    return grants.flatMap(({ devices }) => devices.flatMap(({ cdiDeviceIds }) => cdiDeviceIds));
  }

  /** The claims that a container names, as far as they are prepared. */
  held(pod: Pod, container: Container): readonly ClaimGrant[] {
    return (container.resources?.claims ?? []).flatMap(({ name, request = '' }) => {
      const entry = pod.spec.resourceClaims?.find((each) => each.name === name);
      const record = entry === undefined ? undefined : this.#recordOf(pod, entry);
      if (record?.prepared === undefined) return [];
      const devices = record.prepared.filter(({ requestNames }) => isAbout(requestNames, request));
      return [{ entry: name, claim: record.name, devices }];
    });
  }

  /**
   * Resolves when the pod holds no device any more; tries for as long as that takes, and tells of failures. Its
   * containers must have ended.
   */
  release(podUid: string, tell: (message: string) => void = () => undefined): Promise<void> {
    const running = this.#releasing.get(podUid);
    if (running !== undefined) return running;
    const held = this.#records.all().filter(({ pods }) => pods.includes(podUid));
    const begun = Promise.all(held.map(({ uid }) => this.#untilReleased(uid, podUid, tell)))
      .then(() => undefined)
      .finally(() => this.#releasing.delete(podUid));
    this.#releasing.set(podUid, begun);
    return begun;
  }

  /** Gives back what an earlier agent left of pods that are none of these. */
  reclaim(kept: ReadonlySet<string>): void {
    for (const uid of new Set(this.#records.all().flatMap(({ pods }) => pods)))
      if (!kept.has(uid)) void this.release(uid);
  }

  #recordOf(pod: Pod, entry: PodResourceClaim): ClaimRecord | undefined {
    const known = podClaimOf(pod, entry);
    if (known.state !== 'named') return undefined;
    const { namespace, uid } = pod.metadata;
    return this.#records
      .all()
      .find((record) => record.name === known.claim && record.namespace === namespace && record.pods.includes(uid));
  }

  async #prepareEntry(pod: Pod, entry: PodResourceClaim): Promise<void> {
    // Of a pod that runs already nothing is asked: neither the API nor a driver.
    if (this.#recordOf(pod, entry)?.prepared !== undefined) return;
    const known = podClaimOf(pod, entry);
    if (known.state === 'needless') return;
    if (known.state === 'waiting') throw new Error('its ResourceClaim is not made yet');
    const { namespace, uid } = pod.metadata;
    const ref = { ...resources.resourceClaims, namespace, name: known.claim };
    const claim = await this.#ports.client.get<ResourceClaim>(ref);
    if (!isClaimFor(pod, entry, claim)) throw new Error(`ResourceClaim ${known.claim} was not created for the pod`);
    if (claim.status?.allocation === undefined || !isReservedForPod(claim, uid))
      throw new Error(`ResourceClaim ${known.claim} is not reserved for the pod`);
    await this.#turns.run(claim.metadata.uid, () => this.#prepareClaim(claim, uid));
  }

  /** The record comes first: what may be prepared is known to an agent that starts again. */
  async #prepareClaim({ metadata, status }: ResourceClaim, podUid: string): Promise<void> {
    const { uid, name, namespace } = metadata;
    const results = status?.allocation?.devices.results ?? [];
    const known = this.#records.get(uid);
    const drivers = [...new Set(results.map(({ driver }) => driver))];
    const record = known ?? { uid, name, namespace, pods: [], drivers };
    const next = record.pods.includes(podUid) ? record : { ...record, pods: [...record.pods, podUid] };
    if (next !== known) await this.#records.put(next);
    if (next.prepared !== undefined) return;
    const prepared = [];
    for (const driver of drivers)
      for (const device of await this.#drivers.of(driver).prepare({ namespace, uid, name }))
        prepared.push({ ...device, driver });
    await this.#records.put({ ...next, prepared });
  }

  async #untilReleased(uid: string, podUid: string, tell: (message: string) => void): Promise<void> {
    let failures = 0;
    for (let wait = retryMsMin; ; wait = Math.min(wait * 2, retryMsMax)) {
      // What is not done yet must not look done: the next agent goes on with it.
      if (this.#closed) await new Promise<never>(() => undefined);
      try {
        await this.#turns.run(uid, () => this.#releaseClaim(uid, podUid));
        return;
      } catch (error) {
        failures += 1;
        const { name = uid } = this.#records.get(uid) ?? {};
        const message = `cannot give back the devices of claim ${name}: ${errorMessage(error)}`;
        if (toldAfter.includes(failures)) tell(message);
        this.#ports.log.warn('failed to give back devices; retrying', { claim: name, error: errorMessage(error) });
        await delay(this.#ports.timers, wait);
      }
    }
  }

  async #releaseClaim(uid: string, podUid: string): Promise<void> {
    const record = this.#records.get(uid);
    if (record === undefined || !record.pods.includes(podUid)) return;
    const pods = record.pods.filter((each) => each !== podUid);
    if (pods.length > 0) {
      await this.#records.put({ ...record, pods });
      return;
    }
    const { namespace, name, drivers } = record;
    for (const driver of drivers) await this.#drivers.of(driver).unprepare({ namespace, uid, name });
    await this.#records.drop(uid);
  }
}

/** A device of an alternative is one of its request. */
function isAbout(requestNames: readonly string[], request: string): boolean {
  if (request === '' || requestNames.length === 0) return true;
  return requestNames.some((name) => name === request || name.startsWith(`${request}/`));
}

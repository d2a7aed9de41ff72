/** What of the cluster's devices is taken, and by which claim. */
import type { AllocationResult, DeviceClass, ResourceClaim, ResourceSlice } from '../../api/index.ts';
import type { NodeState } from '../node-state.ts';
import { deviceKey, DevicePools, type Reachable } from './pools.ts';

/** Where the book reads. */
export interface DeviceSources {
  claim(namespace: string, name: string): ResourceClaim | undefined;
  claims(): readonly ResourceClaim[];
  slices(): readonly ResourceSlice[];
  deviceClass(name: string): DeviceClass | undefined;
}

/**
 * An allocation by which pods are being bound. It counts beside what the API shows: until their reservations are
 * written, the claim may lose it there, and is given it again.
 */
interface Assumed {
  readonly allocation: AllocationResult;
  readonly pods: Set<string>;
}

/**
 * The devices that are given away: those that claims have, and those that were decided on here and are being written.
 * Nothing is read before a pod asks for devices; from then on each changed claim is read once.
 */
export class DeviceBook {
  readonly sources: DeviceSources;
  #pools: DevicePools | undefined;
  /** Devices of claims in the API, by `namespace/name`; undefined before they were read. */
  #known: Map<string, readonly string[]> | undefined;
  readonly #counts = new Map<string, number>();
  /** By the claim's UID. */
  readonly #assumed = new Map<string, Assumed>();

  constructor(sources: DeviceSources) {
    this.sources = sources;
  }

  /** The devices that a node reaches. */
  reachable(node: NodeState): Reachable {
    this.#pools ??= new DevicePools(this.sources.slices());
    return this.#pools.of(node);
  }

  isTaken(key: string): boolean {
    this.#read();
    return (this.#counts.get(key) ?? 0) > 0;
  }

  /** What a claim has, or will have once it is written. */
  allocationOf({ metadata, status }: ResourceClaim): AllocationResult | undefined {
    return status?.allocation ?? this.#assumed.get(metadata.uid)?.allocation;
  }

  slicesChanged(): void {
    this.#pools = undefined;
  }

  claimChanged(namespace: string, name: string): void {
    if (this.#known === undefined) return;
    const key = `${namespace}/${name}`;
    const claim = this.sources.claim(namespace, name);
    this.#count(this.#known.get(key) ?? [], -1);
    this.#known.delete(key);
    const devices = devicesOf(claim?.status?.allocation);
    if (devices.length === 0) return;
    this.#known.set(key, devices);
    this.#count(devices, 1);
  }

  /** A pod is about to have these devices by this claim. */
  assume(pod: string, { metadata }: ResourceClaim, allocation: AllocationResult): void {
    this.#read();
    const known = this.#assumed.get(metadata.uid);
    if (known !== undefined) {
      known.pods.add(pod);
      return;
    }
    this.#assumed.set(metadata.uid, { allocation, pods: new Set([pod]) });
    this.#count(devicesOf(allocation), 1);
  }

  /** The pod is bound, or will not be: what was decided for it alone counts no more. Answers whether there was some. */
  forget(pod: string): boolean {
    let freed = false;
    for (const [claim, { pods }] of this.#assumed)
      if (pods.delete(pod) && pods.size === 0) {
        this.#dropAssumed(claim);
        freed = true;
      }
    return freed;
  }

  #read(): void {
    if (this.#known !== undefined) return;
    this.#known = new Map();
    for (const { metadata } of this.sources.claims()) this.claimChanged(metadata.namespace, metadata.name);
  }

  #dropAssumed(claim: string): void {
    const known = this.#assumed.get(claim);
    if (known === undefined) return;
    this.#assumed.delete(claim);
    this.#count(devicesOf(known.allocation), -1);
  }

  #count(keys: readonly string[], change: number): void {
    for (const key of keys) {
      const count = (this.#counts.get(key) ?? 0) + change;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}

/** Devices for administration are in nobody's way. */
function devicesOf(allocation: AllocationResult | undefined): readonly string[] {
  return (allocation?.devices?.results ?? []).filter(({ adminAccess }) => adminAccess !== true).map(deviceKey);
}

/** Keys in the store that make an allocated value unique. */
import type { JsonObject, KubeObject, ResourceInfo } from '../../api/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { Compare, Operation, Store } from '../../state/index.ts';
import type { ResourceSettings } from '../settings.ts';

/** What a transaction carries besides the object itself. */
export interface Allocation {
  readonly compares: readonly Compare[];
  readonly operations: readonly Operation[];
}

export const nothingAllocated: Allocation = { compares: [], operations: [] };

export interface AllocatorPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: ResourceSettings;
}

/**
 * `check`: nothing is taken. `dry`: neither, and like upstream a dry run looks at less and makes up what is missing.
 */
export type Mode = 'real' | 'check' | 'dry';

/** Who holds an address or a port. */
export interface Holder {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Gives Services their addresses and node ports. Each is held by a key of its own (an IPAddress object; a port's key)
 * that is written in the Service's transaction on condition that it did not exist, so that no two Services ever hold
 * the same one. The pod ranges of Nodes are held in the same way; there the node chooses.
 */
export interface Allocator {
  /**
   * Completes the address families of `object` and refuses a wish that cannot be met, as `create` and `update` do,
   * before anything else of the object is looked at.
   */
  check(
    info: ResourceInfo,
    object: JsonObject,
    options: { readonly old?: KubeObject | undefined; readonly dryRun: boolean },
  ): void;
  /**
   * Chooses what is missing, writes it into `object`, and answers the keys. Throws 422 for a wish that cannot be met.
   */
  create(info: ResourceInfo, object: JsonObject, options: { readonly dryRun: boolean }): Allocation;
  update(info: ResourceInfo, object: JsonObject, old: KubeObject, options: { readonly dryRun: boolean }): Allocation;
  /** Gives back what a Service or Node that is removed held. */
  release(info: ResourceInfo, object: KubeObject): readonly Operation[];
}

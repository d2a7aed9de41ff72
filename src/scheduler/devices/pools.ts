/** What drivers publish, as the allocator looks at it: pools of devices, and which of them a node reaches. */
import { type Device, nodeTermMatches, type ResourceSlice } from '../../api/index.ts';
import type { NodeState } from '../node-state.ts';

/** A device that a node reaches. */
export interface Candidate {
  /** Unique in the cluster. */
  readonly key: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
}

/** The devices of a node, in a fixed order. */
export interface Reachable {
  readonly candidates: readonly Candidate[];
  /** Some driver is at publishing a pool: what the node has is not known yet. */
  readonly isUnfinished: boolean;
}

interface Part {
  readonly slice: ResourceSlice;
  readonly candidates: readonly Candidate[];
  readonly isComplete: boolean;
}

/** A driver has no slash in its name and a device neither, so the parts cannot be taken for others. */
export const deviceKey = ({ driver, pool, device }: Readonly<Record<'driver' | 'pool' | 'device', string>>): string =>
  `${driver}/${pool}/${device}`;

/**
 * The pools of all slices. Of a pool only the newest generation counts, and only when all of its slices are there; a
 * pool that names a device twice does not count at all.
 */
export class DevicePools {
  readonly #ofNode = new Map<string, Part[]>();
  readonly #shared: Part[] = [];

  constructor(slices: readonly ResourceSlice[]) {
    const pools = new Map<string, ResourceSlice[]>();
    for (const slice of slices) {
      const key = `${slice.spec.driver}/${slice.spec.pool.name}`;
      const known = pools.get(key);
      if (known === undefined) pools.set(key, [slice]);
      else known.push(slice);
    }
    for (const key of [...pools.keys()].sort()) this.#add(pools.get(key) ?? []);
  }

  #add(slices: readonly ResourceSlice[]): void {
    const newest = slices.reduce((most, { spec }) => Math.max(most, spec.pool.generation), 0);
    const current = slices.filter(({ spec }) => spec.pool.generation === newest);
    const wanted = current[0]?.spec.pool.resourceSliceCount ?? 0;
    const names = current.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name));
    if (new Set(names).size < names.length) return;
    for (const slice of current) {
      const part = { slice, candidates: candidatesOf(slice), isComplete: current.length === wanted };
      const { nodeName = '' } = slice.spec;
      if (nodeName === '') this.#shared.push(part);
      else if (this.#ofNode.get(nodeName)?.push(part) === undefined) this.#ofNode.set(nodeName, [part]);
    }
  }

  /** The devices that pods on a node can have, its own first. */
  of(node: NodeState): Reachable {
    const own = this.#ofNode.get(node.name) ?? [];
    const shared = this.#shared.filter(({ slice }) => reaches(slice, node));
    const parts = [...own, ...shared];
    return {
      candidates: parts.flatMap(({ candidates, isComplete }) => (isComplete ? candidates : [])),
      isUnfinished: parts.some(({ isComplete }) => !isComplete),
    };
  }
}

function reaches({ spec }: ResourceSlice, node: NodeState): boolean {
  if (spec.allNodes === true) return true;
  return (spec.nodeSelector?.nodeSelectorTerms ?? []).some((term) => nodeTermMatches(term, node));
}

function candidatesOf(slice: ResourceSlice): readonly Candidate[] {
  const { driver, pool, devices = [] } = slice.spec;
  return devices.map((device) => ({
    key: deviceKey({ driver, pool: pool.name, device: device.name }),
    driver,
    pool: pool.name,
    device,
    slice,
  }));
}

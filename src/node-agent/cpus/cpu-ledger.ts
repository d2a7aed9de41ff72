/** Which container has which processors to itself. Pure. */
import type { Cpu } from './machine-cpus.ts';
import { hintsFor, includesNode, type TopologyHint } from '../topology/index.ts';
import { takeCpus } from './take-cpus.ts';

export interface CpuHolding {
  readonly podUid: string;
  readonly container: string;
  readonly cpus: readonly number[];
  /** Of an init container that ends: the pod's later containers may have them. */
  readonly passesOn: boolean;
}

interface CpuWish extends Omit<CpuHolding, 'cpus'> {
  readonly count: number;
  /** The NUMA nodes that it gets them from, as far as they have them (a set of numa-mask.ts); absent: any. */
  readonly affinity?: number | undefined;
}

/** Too few processors. The message is the kubelet's. */
export class CpuShortage extends Error {
  override readonly name = 'CpuShortage';
}

export class CpuLedger {
  readonly #cpus: readonly Cpu[];
  readonly #reserved: ReadonlySet<number>;
  #holdings: readonly CpuHolding[];

  /** Holdings of processors that are off by now are left out: their containers get others. */
  constructor(cpus: readonly Cpu[], reserved: readonly number[], holdings: readonly CpuHolding[] = []) {
    this.#cpus = cpus;
    this.#reserved = new Set(reserved);
    const online = new Set(cpus.map(({ id }) => id));
    this.#holdings = holdings.filter((each) => each.cpus.every((id) => online.has(id)));
  }

  get holdings(): readonly CpuHolding[] {
    return this.#holdings;
  }

  /** Those that containers can have to themselves. */
  get allocatable(): readonly number[] {
    return this.#cpus.map(({ id }) => id).filter((id) => !this.#reserved.has(id));
  }

  /** Those that nobody has to himself, reserved ones among them. */
  get shared(): readonly number[] {
    const held = this.#held;
    return this.#cpus.map(({ id }) => id).filter((id) => !held.has(id));
  }

  get #held(): ReadonlySet<number> {
    return new Set(this.#holdings.flatMap(({ cpus }) => cpus));
  }

  heldBy(podUid: string, container: string): readonly number[] | undefined {
    return this.#holdings.find((each) => each.podUid === podUid && each.container === container)?.cpus;
  }

  /** What the container holds already, or now. Throws CpuShortage. */
  give({ podUid, container, passesOn, count, affinity }: CpuWish): readonly number[] {
    const known = this.heldBy(podUid, container);
    if (known !== undefined) return known;
    const { inherited, free } = this.#available(podUid);
    const available = inherited.size + free.size;
    if (available < count)
      throw new CpuShortage(`not enough cpus available to satisfy request: requested=${count}, available=${available}`);
    const near = new Set(this.#cpus.filter((cpu) => isNear(cpu, affinity)).map(({ id }) => id));
    const taken = new Set<number>();
    const takeFrom = (ids: Iterable<number>): void => {
      const left = new Set([...ids].filter((id) => !taken.has(id)));
      for (const id of takeCpus(this.#cpus, left, Math.min(count - taken.size, left.size)) ?? []) taken.add(id);
    };
    // Of what is taken over and then of what is free, first what is near.
    for (const ids of [inherited, free]) {
      takeFrom([...ids].filter((id) => near.has(id)));
      takeFrom(ids);
    }
    const cpus = [...taken].sort((one, other) => one - other);
    this.#holdings = [...this.#holdings, { podUid, container, cpus, passesOn }];
    return cpus;
  }

  /** The NUMA nodes that could give the pod's next container so many. */
  hints(podUid: string, count: number, numaNodes: readonly number[]): readonly TopologyHint[] {
    const { inherited, free } = this.#available(podUid);
    const of = (ids: ReadonlySet<number>): readonly { readonly numaNodes: readonly number[] }[] =>
      this.#cpus.filter(({ id }) => ids.has(id)).map(({ numaNode }) => ({ numaNodes: [numaNode] }));
    const all = of(new Set(this.#cpus.map(({ id }) => id)));
    return hintsFor({ nodes: numaNodes, all, free: of(free), inherited: of(inherited) }, count);
  }

  /** What nobody has, and what the pod's next container takes over from those that end before it. */
  #available(podUid: string): { readonly inherited: ReadonlySet<number>; readonly free: ReadonlySet<number> } {
    const own = this.#holdings.filter((each) => each.podUid === podUid);
    const kept = new Set(own.filter((each) => !each.passesOn).flatMap(({ cpus }) => cpus));
    const inherited = new Set(own.flatMap(({ cpus }) => cpus).filter((id) => !kept.has(id)));
    const held = this.#held;
    const free = new Set(this.allocatable.filter((id) => !held.has(id)));
    return { inherited, free };
  }

  /** Pods that are not among these hold nothing any more. Whether that freed something. */
  keepOnly(keeps: (podUid: string) => boolean): boolean {
    const before = this.#holdings.length;
    this.#holdings = this.#holdings.filter(({ podUid }) => keeps(podUid));
    return this.#holdings.length < before;
  }
}

const isNear = ({ numaNode }: Cpu, affinity: number | undefined): boolean =>
  affinity === undefined || includesNode(affinity, numaNode);

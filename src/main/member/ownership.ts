/** Step 4 of a member: which shards it owns, and what operators see of it and of the other processes. */
import type { ShardMap } from '../../actors/index.ts';
import { subjectsOf } from '../../bus/index.ts';
import { openShards, ownersOf, type Shards, shardsCount } from '../../shards/index.ts';
import type { Store, StoreMember } from '../../state/index.ts';
import {
  type ProcessFigures,
  type ShardRow,
  startReporter,
  startSupervision,
  type Supervision,
} from '../../supervision/index.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';
import type { WritePath } from './write-path.ts';

export interface Ownership {
  readonly shards: Shards;
  readonly supervision: Supervision;
  readonly figures: LatestFigures;
}

/** The process's figures, measured by supervision and read again by /metrics, which must not start a new period. */
export class LatestFigures {
  readonly #measure: () => ProcessFigures;
  #latest: ProcessFigures | undefined;

  constructor(measure: () => ProcessFigures) {
    this.#measure = measure;
  }

  /** Undefined before the first measurement. */
  get latest(): ProcessFigures | undefined {
    return this.#latest;
  }

  measure(): ProcessFigures {
    this.#latest = this.#measure();
    return this.#latest;
  }
}

/** Opens the shards without acting for any yet (`shards.begin()`), and the supervision of all processes. */
export function openOwnership(ports: MemberPorts, options: MemberOptions, { store, view }: WritePath): Ownership {
  const { system, random, bus, clock, timers, metrics, log, traces, levels } = ports;
  const { name, settings } = options;
  const subjects = subjectsOf(settings.cluster);
  const figures = new LatestFigures(options.figures);
  const shards = openShards({
    member: name,
    life: random.uuid(),
    store,
    bus,
    subjects,
    clock,
    timers,
    metrics,
    log: log.with({ part: 'shards' }),
  });
  const reporter = startReporter({
    process: name,
    role: 'member',
    system,
    bus,
    subjects,
    clock,
    timers,
    figures: () => figures.measure(),
    store: () => store.status(),
    shards: () => shardRows(store, shards),
    traces,
    levels,
  });
  const supervision = startSupervision({
    process: name,
    bus,
    subjects,
    clock,
    timers,
    metrics,
    log: log.with({ part: 'supervision' }),
    reporter,
    view,
  });
  return { shards, supervision, figures };
}

/** The owners as the resources' actors see them: of its own shards, a member has those that it may act for now. */
export function shardMapOf(self: string, store: StoreMember, shards: Shards): ShardMap {
  return {
    self,
    shards: shardsCount,
    ownerOf: (shard) => {
      if (shards.grant(shard) !== undefined) return self;
      const owner = ownersOf(store)[shard]?.owner;
      return owner === self ? undefined : owner;
    },
    onChange: (listener) => shards.onChange(listener),
  };
}

/** The shards that have an owner, and the next owner of those that are about to move. */
function shardRows(store: Store, shards: Shards): readonly ShardRow[] {
  const planned = shards.planned();
  return ownersOf(store).flatMap((row, shard) => {
    if (row === undefined) return [];
    const { owner, epoch } = row;
    const next = planned[shard];
    const movingTo = next === owner ? undefined : next;
    return [{ shard: String(shard), owner, epoch, ...(movingTo === undefined ? {} : { movingTo }) }];
  });
}

/** The actor system that the benchmarks of actors share. */
import {
  createActorSystem,
  type Directory,
  createDirectory,
  passiveKind,
  type ShardMap,
  type ActorSystem,
} from '../../src/actors/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import { type Bus, subjectsOf } from '../../src/bus/index.ts';
import { MetricsRegistry, systemClock, systemTimers } from '../../src/platform/index.ts';

/** The production wiring of an actor system, without a log. */
export function newSystem(name: string): ActorSystem {
  return createActorSystem({
    name,
    clock: systemClock,
    timers: systemTimers,
    log: silentLogger,
    metrics: new MetricsRegistry(),
  });
}

export const subjects = subjectsOf('bench');

/** A directory of passive ConfigMaps, as a member has it. */
export function newDirectory(system: ActorSystem, bus: Bus, shardMap: ShardMap, idleMs?: number): Directory {
  const kind = passiveKind({ object: (key) => ({ key }), events: () => [], actors: () => [] });
  return createDirectory({
    system,
    bus,
    subjects,
    shardMap,
    host: () => kind,
    ...(idleMs === undefined ? {} : { idleMs }),
  });
}

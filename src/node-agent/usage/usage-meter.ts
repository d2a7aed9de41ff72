/** Looks at the counters of the machine and of the node's running containers. */
import type { Clock } from '../../base/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { type ContainerStatus, type Pod, resources } from '../../api/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import type { CgroupFiles, Counters } from './cgroup.ts';
import type { ContainerSample, Look, Sample } from './usage-rates.ts';
import type { UsageSource } from './usage-source.ts';

interface UsageMeterOptions {
  readonly node: string;
  readonly view: ResourceView;
  readonly runtime: ContainerRuntime;
  readonly source: UsageSource;
  readonly clock: Clock;
}

/** Two looks in a row. */
export interface Looks {
  readonly now: Look;
  readonly before: Look | undefined;
}

export interface UsageMeter {
  /** A fresh look, and the one before it. */
  look(): Promise<Looks>;
  /** The last looks, if the newest is not older than `ageMs`; fresh ones otherwise. */
  recent(ageMs: number): Promise<Looks>;
}

/** Who asks while it looks gets the same look. */
export function usageMeter(options: UsageMeterOptions): UsageMeter {
  /** By container: where its counters are; undefined where the engine has to be asked. */
  const places = new Map<string, CgroupFiles | undefined>();
  let latest: (Looks & { readonly since: number }) | undefined;
  let looking: Promise<Looks> | undefined;
  const fresh = async (): Promise<Looks> => {
    const now = await look(options, places);
    latest = { now, before: latest?.now, since: options.clock.monotonic() };
    return latest;
  };
  const meter: UsageMeter = {
    look: () => {
      looking ??= fresh().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    recent: (ageMs) =>
      latest !== undefined && options.clock.monotonic() - latest.since <= ageMs
        ? Promise.resolve(latest)
        : meter.look(),
  };
  return meter;
}

/** A running container of this node, as its pod's status tells. */
type Running = Pick<ContainerSample, 'id' | 'podUid' | 'name' | 'startedAt'>;

/** One after the other: nobody waits for it, and pods shall not feel it. */
async function look(options: UsageMeterOptions, places: Map<string, CgroupFiles | undefined>): Promise<Look> {
  const { source, view, clock } = options;
  const timed = (counters: Counters | undefined): Sample | undefined =>
    counters === undefined ? undefined : { ...counters, at: clock.now(), since: clock.monotonic() };
  const running = view
    .list<Pod>(resources.pods)
    .filter(({ spec }) => spec.nodeName === options.node)
    .flatMap(runningOf);
  const present = new Set(running.map(({ id }) => id));
  for (const id of places.keys()) if (!present.has(id)) places.delete(id);
  const containers: ContainerSample[] = [];
  for (const container of running) {
    const sample = timed(await countersOf(container.id, options, places));
    if (sample !== undefined) containers.push({ ...container, ...sample });
  }
  return { machine: timed(await source.machine()), containers };
}

function runningOf({ metadata, status }: Pod): readonly Running[] {
  const all: readonly ContainerStatus[] = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  return all.flatMap(({ name, containerID = '', state }) => {
    const id = containerID.slice(containerID.indexOf('://') + 3);
    return state?.running === undefined || id === ''
      ? []
      : [{ id, podUid: metadata.uid ?? '', name, startedAt: Date.parse(state.running.startedAt ?? '') }];
  });
}

/** Undefined for a container that has ended meanwhile. */
async function countersOf(
  id: string,
  { runtime, source }: UsageMeterOptions,
  places: Map<string, CgroupFiles | undefined>,
): Promise<Counters | undefined> {
  if (!places.has(id)) {
    const facts = await runtime.inspect(id);
    if (facts?.state !== 'running') return undefined;
    places.set(id, await source.find(id, facts.processId));
  }
  const files = places.get(id);
  if (files !== undefined) return source.read(files);
  const stats = await runtime.stats(id);
  return stats === undefined
    ? undefined
    : { cpuNanoseconds: stats.cpuNanoseconds, workingSetBytes: stats.memoryWorkingSetBytes };
}

/** Measures what the node's containers use, and reports it to all members. */
import { type Clock, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type Bus, encode, type Subjects } from '../../bus/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { type ContainerStatus, type Pod, resources } from '../../api/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import type { CgroupFiles, Counters } from './cgroup.ts';
import { type ContainerSample, type Look, type Sample, usageBetween } from './usage-rates.ts';
import type { UsageSource } from './usage-source.ts';

interface UsageReporterOptions {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly node: string;
  readonly view: ResourceView;
  readonly runtime: ContainerRuntime;
  readonly source: UsageSource;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly periodMs: number;
}

/** A running container of this node, as its pod's status tells. */
type Running = Pick<ContainerSample, 'id' | 'podUid' | 'name' | 'startedAt'>;

/** Looks at the machine and its containers each period, and tells all members what they used. */
export function reportUsage(options: UsageReporterOptions): { close(): void } {
  const { bus, subjects, node, timers, log, periodMs } = options;
  /** By container: where its counters are; undefined where the engine has to be asked. */
  const places = new Map<string, CgroupFiles | undefined>();
  let before: Look | undefined;
  let busy = false;
  const round = async (): Promise<void> => {
    const now = await look(options, places);
    if (before !== undefined) bus.publish(subjects.nodeUsage(node), encode(usageBetween(before, now, periodMs)));
    before = now;
  };
  const begin = (): void => {
    if (busy) return;
    busy = true;
    round()
      .catch((error: unknown) => {
        log.warn('failed to report the use of CPU and memory', { error: errorMessage(error) });
      })
      .finally(() => {
        busy = false;
      });
  };
  begin();
  const timer = timers.every(periodMs, begin);
  return {
    close: () => {
      timer.cancel();
    },
  };
}

/** One after the other: nobody waits for it, and pods shall not feel it. */
async function look(options: UsageReporterOptions, places: Map<string, CgroupFiles | undefined>): Promise<Look> {
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
  { runtime, source }: UsageReporterOptions,
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

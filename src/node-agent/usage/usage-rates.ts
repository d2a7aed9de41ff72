/** From two looks at counters to the use in between. */
import type { ContainerUsage, PodUsage, Usage, UsageReport, UsageWindow } from '../../protocol/index.ts';
import type { Counters } from './cgroup.ts';

/** Counters that were read at a moment. */
export interface Sample extends Counters {
  /** Wall-clock ms. */
  readonly at: number;
  /** Monotonic ms. */
  readonly since: number;
}

export interface ContainerSample extends Sample {
  readonly id: string;
  readonly podUid: string;
  readonly name: string;
  /** Wall-clock ms. */
  readonly startedAt: number;
}

/** What was read in one round. */
export interface Look {
  readonly machine: Sample | undefined;
  readonly containers: readonly ContainerSample[];
}

/**
 * A container that started since the last round is measured from its start, when that is this part of the period ago
 * (metrics-server: 10 s of 15 s).
 */
const freshShare = 2 / 3;

/**
 * What was used between two rounds. A pod counts once all its containers have been measured, as with metrics-server.
 */
export function usageBetween(before: Look, now: Look, periodMs: number): UsageReport {
  const earlier = new Map(before.containers.map((sample) => [sample.id, sample]));
  const pods = [...Map.groupBy(now.containers, ({ podUid }) => podUid)].flatMap(([uid, samples]) =>
    podUsage(
      uid,
      samples.map((sample) => measured(sample, earlier.get(sample.id), periodMs)),
    ),
  );
  const { machine } = now;
  return {
    periodMs,
    ...(machine === undefined || before.machine === undefined ? {} : { node: rate(machine, before.machine) }),
    pods,
  };
}

type Measured = ContainerUsage & UsageWindow;

/** Undefined: there is nothing yet to compare with. */
function measured(sample: ContainerSample, before: Sample | undefined, periodMs: number): Measured | undefined {
  const age = sample.at - sample.startedAt;
  const start = { cpuNanoseconds: 0, since: sample.since - age };
  const from = age < periodMs && age >= periodMs * freshShare ? start : before;
  return from === undefined ? undefined : { name: sample.name, ...rate(sample, from) };
}

/** The use between two looks at the same counters. */
export function rate(sample: Sample, from: Pick<Sample, 'cpuNanoseconds' | 'since'>): Usage & UsageWindow {
  const windowMs = Math.max(1, sample.since - from.since);
  return {
    at: sample.at,
    windowMs,
    cpuNanoCores: Math.floor(Math.max(0, sample.cpuNanoseconds - from.cpuNanoseconds) * (1000 / windowMs)),
    memoryBytes: sample.workingSetBytes,
  };
}

/** The window is that of the container that was looked at first. */
function podUsage(uid: string, containers: readonly (Measured | undefined)[]): readonly PodUsage[] {
  const whole = containers.filter((container) => container !== undefined);
  const [first] = whole.toSorted((a, b) => a.at - b.at);
  if (first === undefined || whole.length < containers.length) return [];
  return [
    {
      uid,
      at: first.at,
      windowMs: first.windowMs,
      containers: whole.map(({ name, cpuNanoCores, memoryBytes }) => ({ name, cpuNanoCores, memoryBytes })),
    },
  ];
}

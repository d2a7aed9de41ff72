/** Which pressures a node is under, and for what pods must go: the pure part of eviction. */
import { amountHere, type EvictionPolicy, type Signal, type Threshold } from './thresholds.ts';

/** Types of the Node's conditions. */
export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** How much of something is left, of how much: bytes, inodes or processes. */
export interface Room {
  readonly available: number;
  readonly capacity: number;
}

/** What the machine has. A signal that cannot be read is absent, and presses nobody. */
export type Observations = ReadonlyMap<Signal, Room>;

/** What is to become free, by the names that the kubelet's messages have for it. */
export type Scarce = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

export interface PressureState {
  /** Since when each threshold is crossed; monotonic ms. */
  readonly crossedAt: ReadonlyMap<Threshold, number>;
  /** Crossed for longer than their grace period: they count until their minimum is reclaimed. */
  readonly due: readonly Threshold[];
  /** When each pressure was there last; monotonic ms. */
  readonly seenAt: ReadonlyMap<Pressure, number>;
}

/** What must become free now. */
export interface Shortage {
  readonly threshold: Threshold;
  readonly scarce: Scarce;
  /** Of all thresholds that are due, the first for the same thing: the message to the pod tells its figures. */
  readonly told: { readonly threshold: Threshold; readonly room: Room };
}

interface PressureStep {
  readonly state: PressureState;
  readonly pressures: readonly Pressure[];
  readonly shortage: Shortage | undefined;
}

export const noPressure: PressureState = { crossedAt: new Map(), due: [], seenAt: new Map() };

const meanings: Readonly<Record<Signal, readonly [pressure: Pressure, scarce: Scarce]>> = {
  'memory.available': ['MemoryPressure', 'memory'],
  'nodefs.available': ['DiskPressure', 'ephemeral-storage'],
  'nodefs.inodesFree': ['DiskPressure', 'inodes'],
  'imagefs.available': ['DiskPressure', 'ephemeral-storage'],
  'imagefs.inodesFree': ['DiskPressure', 'inodes'],
  'pid.available': ['PIDPressure', 'pids'],
};
const pressures: readonly Pressure[] = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

/**
 * One look: thresholds that are crossed, for how long, and what follows. Memory goes first, since the kernel kills when
 * it runs out. Pure; follows the kubelet's eviction manager (synchronize).
 */
export function stepPressure(
  state: PressureState,
  policy: EvictionPolicy,
  seen: { readonly observations: Observations; readonly now: number },
): PressureStep {
  const { observations, now } = seen;
  const crossed = policy.thresholds.filter(
    (each) => isCrossed(each, observations, false) || (state.due.includes(each) && isCrossed(each, observations, true)),
  );
  const crossedAt = new Map(crossed.map((each) => [each, state.crossedAt.get(each) ?? now]));
  const present = new Set(crossed.map(({ signal }) => meanings[signal][0]));
  const seenAt = new Map([...state.seenAt, ...[...present].map((each) => [each, now] as const)]);
  const due = crossed.filter((each) => now - (crossedAt.get(each) ?? now) >= each.graceMs);
  return {
    state: { crossedAt, due, seenAt },
    pressures: pressures.filter(
      (each) => present.has(each) || now - (seenAt.get(each) ?? Number.NEGATIVE_INFINITY) < policy.transitionMs,
    ),
    shortage: shortageOf(due, observations),
  };
}

function shortageOf(due: readonly Threshold[], observations: Observations): Shortage | undefined {
  const threshold = due.find(({ signal }) => signal === 'memory.available') ?? due[0];
  if (threshold === undefined) return undefined;
  const [, scarce] = meanings[threshold.signal];
  const told = due.find(({ signal }) => meanings[signal][1] === scarce) ?? threshold;
  const room = observations.get(told.signal) ?? { available: 0, capacity: 0 };
  return { threshold, scarce, told: { threshold: told, room } };
}

/** Whether every threshold has what it asks for and the minimum that is to be reclaimed. Pure. */
export function isRelieved({ thresholds }: EvictionPolicy, observations: Observations): boolean {
  return !thresholds.some((each) => isCrossed(each, observations, true));
}

function isCrossed({ signal, least, reclaim }: Threshold, observations: Observations, withReclaim: boolean): boolean {
  const room = observations.get(signal);
  if (room === undefined) return false;
  const more = withReclaim && reclaim !== undefined ? amountHere(reclaim, room.capacity) : 0;
  return room.available < amountHere(least, room.capacity) + more;
}

/** The state of a simulated engine: containers and images as records, and who listens to it. */
import { type Clock, delay, type Timer, type Timers } from '../../../base/index.ts';
import {
  type ContainerFacts,
  type ContainerSpec,
  type ImageFacts,
  type NetworkSpec,
  type OutputChunk,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeFacts,
} from '../runtime.ts';

/** What a simulated program does. The default runs until it is told to stop. */
interface ScriptedProgram {
  /** Ends by itself after this long. */
  readonly runsMs?: number | undefined;
  readonly exitCode?: number | undefined;
  /** Lines on stdout at the start. */
  readonly output?: readonly string[] | undefined;
  /** Fails to start with this message. */
  readonly startError?: string | undefined;
  /** Ignores the stop signal, so only SIGKILL ends it. */
  readonly ignoresStop?: boolean | undefined;
}

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** What `spec` does when started; undefined: runs until stopped. */
  readonly program?: (spec: ContainerSpec) => ScriptedProgram | undefined;
  /** Answers an exec: its output and exit code. Default: nothing, 0. */
  readonly exec?: (
    spec: ContainerSpec,
    command: readonly string[],
  ) => { readonly output?: string | undefined; readonly exitCode?: number | undefined };
  /** Images that can be pulled; `all` (the default): every one. */
  readonly registry?: 'all' | 'none' | readonly string[] | undefined;
  readonly images?: readonly string[] | undefined;
  /** What its facts say of its handlers. */
  readonly handlers?: RuntimeFacts['handlers'];
  readonly startMs?: number | undefined;
  readonly pullMs?: number | undefined;
}

export interface SimulatedContainer {
  readonly id: string;
  spec: ContainerSpec;
  readonly image: ImageFacts;
  readonly createdAt: number;
  state: ContainerFacts['state'];
  startedAt?: number | undefined;
  finishedAt?: number | undefined;
  exitCode?: number | undefined;
  error?: string | undefined;
  timer?: Timer | undefined;
  readonly log: { readonly at: number; readonly chunk: OutputChunk }[];
  readonly waiters: Set<() => void>;
}

/** Hears of containers with these labels. */
export interface Listener {
  readonly labels: Readonly<Record<string, string>>;
  readonly listener: (event: RuntimeEvent) => void;
}

export interface World {
  readonly options: SimulatedRuntimeOptions;
  readonly containers: Map<string, SimulatedContainer>;
  readonly images: Map<string, ImageFacts>;
  /** Their ranges, by name. */
  readonly networks: Map<string, NetworkSpec>;
  readonly listeners: Set<Listener>;
  created: number;
}

export const bytes = new TextEncoder();

export function addImage(world: World, reference: string): ImageFacts {
  const image: ImageFacts = {
    id: `sha256:${reference}`,
    references: [reference],
    digests: [],
    sizeBytes: 1_000_000,
    user: '',
    labels: {},
    createdAt: 0,
  };
  world.images.set(reference, image);
  return image;
}

export function tell(world: World, container: SimulatedContainer, type: 'started' | 'exited' | 'removed'): void {
  const event: RuntimeEvent = {
    type,
    id: container.id,
    labels: container.spec.labels,
    ...(type === 'exited' && container.exitCode !== undefined ? { exitCode: container.exitCode } : {}),
  };
  for (const { labels, listener } of world.listeners) if (carries(container.spec.labels, labels)) listener(event);
}

export function carries(own: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    value === '' ? own[name] !== undefined : own[name] === value,
  );
}

export function ended(world: World, container: SimulatedContainer, exitCode: number): void {
  if (container.state !== 'running') return;
  container.state = 'exited';
  container.exitCode = exitCode;
  container.finishedAt = world.options.clock.now();
  container.timer?.cancel();
  tell(world, container, 'exited');
  wake(container);
}

export function wake(container: SimulatedContainer): void {
  const waiters = [...container.waiters];
  container.waiters.clear();
  for (const waiter of waiters) waiter();
}

export function found(world: World, id: string): SimulatedContainer {
  const container = world.containers.get(id);
  if (container === undefined) throw new RuntimeError('not-found', `No such container: ${id}`);
  return container;
}

export const after = (world: World, delayMs: number): Promise<void> =>
  delayMs <= 0 ? Promise.resolve() : delay(world.options.timers, delayMs);

/** A call that is done at once, as a promise: what it throws rejects it. */
export function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(call());
  });
}

/** The runtime port in memory. */
import { type Clock, delay, type Timer, type Timers } from '../../../base/index.ts';
import { labels as names } from '../labels.ts';
import {
  type ContainerFacts,
  type ContainerRuntime,
  type ContainerSpec,
  type ExecSpec,
  type ImageFacts,
  type LogOutput,
  type OutputChunk,
  type ProcessSession,
  type ReadLogs,
  RuntimeError,
  type RuntimeEvent,
} from '../runtime.ts';
import { sandboxReference } from '../sandbox-image.ts';

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
  readonly startMs?: number | undefined;
  readonly pullMs?: number | undefined;
}

/** The simulated twin: the port, and what a scenario may do behind its back. */
interface SimulatedRuntime extends ContainerRuntime {
  /** Ends a container from inside. */
  exit(id: string, exitCode: number): void;
}

interface Container {
  readonly id: string;
  readonly spec: ContainerSpec;
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

interface World {
  readonly options: SimulatedRuntimeOptions;
  readonly containers: Map<string, Container>;
  readonly images: Map<string, ImageFacts>;
  /** Their ranges, by name. */
  readonly networks: Map<string, string>;
  readonly listeners: Set<{
    readonly labels: Readonly<Record<string, string>>;
    readonly listener: (event: RuntimeEvent) => void;
  }>;
  created: number;
}

const bytes = new TextEncoder();

/** An engine in memory: containers are records, programs are scripts, time is the given clock's. */
export function simulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  const world: World = {
    options,
    containers: new Map(),
    images: new Map(),
    networks: new Map(),
    listeners: new Set(),
    created: 0,
  };
  for (const reference of [sandboxReference, ...(options.images ?? [])]) addImage(world, reference);
  return {
    ...containerCalls(world),
    ...imageCalls(world),
    ...processCalls(world),
    exit: (id, exitCode) => {
      const container = world.containers.get(id);
      if (container !== undefined) ended(world, container, exitCode);
    },
    facts: () =>
      Promise.resolve({
        name: 'simulated',
        version: '1',
        operatingSystem: 'Simulated',
        kernelVersion: '6.1.0',
        architecture: 'amd64',
        cpus: 8,
        memoryBytes: 32 * 2 ** 30,
      }),
    ensureNetwork: (spec) => {
      const linked = { [names.cluster]: spec.labels[names.cluster] ?? '', [names.link]: '' };
      const inUse = [...world.containers.values()].some(
        (each) => each.state === 'running' && carries(each.spec.labels, linked),
      );
      if (inUse && (world.networks.get(spec.name) ?? spec.subnet) !== spec.subnet)
        return Promise.reject(new RuntimeError('conflict', `network ${spec.name} has another range and is in use`));
      world.networks.set(spec.name, spec.subnet);
      return Promise.resolve();
    },
    removeNetwork: (name) => {
      world.networks.delete(name);
      return Promise.resolve();
    },
    events: (labels, listener) => {
      const entry = { labels, listener };
      world.listeners.add(entry);
      options.timers.after(0, () => {
        if (world.listeners.has(entry)) listener({ type: 'connected' });
      });
      return {
        close: () => {
          world.listeners.delete(entry);
        },
      };
    },
    close: () => {
      for (const container of world.containers.values()) container.timer?.cancel();
    },
  };
}

function addImage(world: World, reference: string): ImageFacts {
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

function tell(world: World, container: Container, type: 'started' | 'exited' | 'removed'): void {
  const event: RuntimeEvent = {
    type,
    id: container.id,
    labels: container.spec.labels,
    ...(type === 'exited' && container.exitCode !== undefined ? { exitCode: container.exitCode } : {}),
  };
  for (const { labels, listener } of world.listeners) if (carries(container.spec.labels, labels)) listener(event);
}

function carries(own: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    value === '' ? own[name] !== undefined : own[name] === value,
  );
}

function ended(world: World, container: Container, exitCode: number): void {
  if (container.state !== 'running') return;
  container.state = 'exited';
  container.exitCode = exitCode;
  container.finishedAt = world.options.clock.now();
  container.timer?.cancel();
  tell(world, container, 'exited');
  wake(container);
}

function wake(container: Container): void {
  const waiters = [...container.waiters];
  container.waiters.clear();
  for (const waiter of waiters) waiter();
}

function factsOf(container: Container): ContainerFacts {
  const { id, spec, image, createdAt, state, startedAt, finishedAt, exitCode, error } = container;
  return {
    id,
    name: spec.name,
    labels: spec.labels,
    state,
    image: spec.image,
    imageId: image.id,
    createdAt,
    oomKilled: false,
    processId: state === 'running' ? 1000 + Number(id.slice(1)) : 0,
    startedAt,
    finishedAt,
    exitCode,
    error,
  };
}

function found(world: World, id: string): Container {
  const container = world.containers.get(id);
  if (container === undefined) throw new RuntimeError('not-found', `No such container: ${id}`);
  return container;
}

const after = (world: World, delayMs: number): Promise<void> =>
  delayMs <= 0 ? Promise.resolve() : delay(world.options.timers, delayMs);

function containerCalls(
  world: World,
): Pick<
  ContainerRuntime,
  'create' | 'start' | 'stop' | 'kill' | 'remove' | 'inspect' | 'list' | 'summaries' | 'stats'
> {
  const { clock, timers } = world.options;
  const carrying = (labels: Readonly<Record<string, string>>): Container[] =>
    [...world.containers.values()].filter((each) => carries(each.spec.labels, labels));
  return {
    create: (spec) => {
      const image = world.images.get(spec.image) ?? [...world.images.values()].find((each) => each.id === spec.image);
      if (image === undefined)
        return Promise.reject(new RuntimeError('image-not-found', `No such image: ${spec.image}`));
      if ([...world.containers.values()].some((each) => each.spec.name === spec.name))
        return Promise.reject(new RuntimeError('conflict', `The container name "/${spec.name}" is already in use`));
      world.created += 1;
      const id = `c${world.created}`;
      world.containers.set(id, {
        id,
        spec,
        image,
        createdAt: clock.now(),
        state: 'created',
        log: [],
        waiters: new Set(),
      });
      return Promise.resolve(id);
    },
    start: async (id) => {
      await after(world, world.options.startMs ?? 0);
      const container = found(world, id);
      if (container.state === 'running') return;
      const program = world.options.program?.(container.spec) ?? {};
      if (program.startError !== undefined) {
        Object.assign(container, {
          state: 'exited',
          exitCode: 127,
          error: program.startError,
          finishedAt: clock.now(),
        });
        throw new RuntimeError('cannot-run', program.startError);
      }
      Object.assign(container, { state: 'running', startedAt: clock.now() });
      for (const line of program.output ?? [])
        container.log.push({ at: clock.now(), chunk: { stream: 'stdout', data: bytes.encode(`${line}\n`) } });
      if (program.runsMs !== undefined)
        container.timer = timers.after(program.runsMs, () => {
          ended(world, container, program.exitCode ?? 0);
        });
      tell(world, container, 'started');
    },
    stop: async (id, graceMs) => {
      const container = world.containers.get(id);
      if (container?.state !== 'running') return container !== undefined;
      const program = world.options.program?.(container.spec) ?? {};
      if (program.ignoresStop === true || container.spec.labels[names.role] === 'sandbox') {
        await after(world, graceMs);
        ended(world, container, 137);
      } else ended(world, container, program.exitCode ?? 143);
      return true;
    },
    kill: (id, signal) => {
      const container = world.containers.get(id);
      if (container !== undefined) ended(world, container, signal === 'SIGKILL' ? 137 : 143);
      return Promise.resolve();
    },
    remove: (id) => {
      const container = world.containers.get(id);
      if (container === undefined) return Promise.resolve();
      ended(world, container, 137);
      world.containers.delete(id);
      wake(container);
      tell(world, container, 'removed');
      return Promise.resolve();
    },
    inspect: (id) => {
      const container = world.containers.get(id);
      return Promise.resolve(container === undefined ? undefined : factsOf(container));
    },
    list: (labels) => Promise.resolve(carrying(labels).map(factsOf)),
    summaries: (labels) => Promise.resolve(carrying(labels).map(factsOf)),
    stats: (id) =>
      Promise.resolve(
        world.containers.has(id)
          ? { cpuNanoseconds: 1_000_000, memoryBytes: 1 << 20, memoryWorkingSetBytes: 1 << 20 }
          : undefined,
      ),
  };
}

function imageCalls(
  world: World,
): Pick<ContainerRuntime, 'image' | 'images' | 'pull' | 'removeImage' | 'sandboxImage'> {
  return {
    image: (reference) => Promise.resolve(world.images.get(reference)),
    images: () => Promise.resolve([...world.images.values()]),
    pull: async (reference) => {
      await after(world, world.options.pullMs ?? 0);
      const { registry = 'all' } = world.options;
      if (registry === 'none') throw new RuntimeError('registry-unreachable', 'the registry cannot be reached');
      if (registry !== 'all' && !registry.includes(reference))
        throw new RuntimeError('image-not-found', `manifest for ${reference} not found: manifest unknown`);
      return addImage(world, reference);
    },
    removeImage: (id) => {
      for (const [reference, image] of world.images)
        if (image.id === id || reference === id) world.images.delete(reference);
      return Promise.resolve();
    },
    sandboxImage: () => {
      if (!world.images.has(sandboxReference)) addImage(world, sandboxReference);
      return Promise.resolve(sandboxReference);
    },
  };
}

function logOutput(world: World, container: Container, read: ReadLogs): LogOutput {
  const reader = { closed: false };
  const lines = logLines(world, container, { ...read, reader });
  return {
    [Symbol.asyncIterator]: () => lines,
    close: () => {
      reader.closed = true;
      wake(container);
    },
  };
}

async function* logLines(
  world: World,
  container: Container,
  read: ReadLogs & { readonly reader: { readonly closed: boolean } },
): AsyncGenerator<OutputChunk> {
  const wanted = container.log.filter(({ at }) => at >= (read.since ?? 0));
  let next =
    read.tailLines === undefined
      ? container.log.length - wanted.length
      : container.log.length - Math.min(read.tailLines, wanted.length);
  for (;;) {
    for (; next < container.log.length; next++) {
      const entry = container.log[next];
      if (entry === undefined) continue;
      const stamp = read.timestamps ? bytes.encode(`${new Date(entry.at).toISOString()} `) : new Uint8Array();
      yield { stream: entry.chunk.stream, data: Buffer.concat([stamp, entry.chunk.data]) };
    }
    if (!read.follow || read.reader.closed || container.state !== 'running' || !world.containers.has(container.id))
      return;
    await new Promise<void>((resolve) => {
      container.waiters.add(resolve);
    });
  }
}

function processCalls(world: World): Pick<ContainerRuntime, 'logs' | 'exec' | 'attach'> {
  return {
    logs: async (id, read) => Promise.resolve(logOutput(world, found(world, id), read)),
    exec: (id, spec) => {
      const container = world.containers.get(id);
      if (container?.state !== 'running')
        return Promise.reject(new RuntimeError('conflict', `container ${id} is not running`));
      return Promise.resolve(scriptedSession(world, container, spec));
    },
    attach: async (id) => {
      const container = found(world, id);
      const output = logOutput(world, container, { follow: true, timestamps: false, tailLines: 0 });
      return Promise.resolve({
        output,
        write: () => Promise.resolve(),
        endInput: () => undefined,
        resize: () => Promise.resolve(),
        exitCode: () => Promise.resolve(container.exitCode),
        close: () => {
          output.close();
        },
      });
    },
  };
}

function scriptedSession(world: World, container: Container, spec: ExecSpec): ProcessSession {
  const { output = '', exitCode = 0 } = world.options.exec?.(container.spec, spec.command) ?? {};
  async function* chunks(): AsyncGenerator<OutputChunk> {
    await Promise.resolve();
    if (output !== '') yield { stream: 'stdout', data: bytes.encode(output) };
  }
  return {
    output: chunks(),
    write: () => Promise.resolve(),
    endInput: () => undefined,
    resize: () => Promise.resolve(),
    exitCode: () => Promise.resolve(exitCode),
    close: () => undefined,
  };
}

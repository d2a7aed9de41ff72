/** The containers of a simulated engine: from creation to removal. */
import { labels as names } from '../labels.ts';
import { type ContainerFacts, type ContainerCalls, type ContainerSpec, RuntimeError } from '../runtime.ts';
import {
  after,
  bytes,
  carries,
  ended,
  found,
  promised,
  type SimulatedContainer,
  tell,
  wake,
  type World,
} from './simulated-world.ts';

const stats = { cpuNanoseconds: 1_000_000, memoryBytes: 1 << 20, memoryWorkingSetBytes: 1 << 20 };
/** As a shell tells of a program that a signal ended. */
const [killed, terminated] = [137, 143];

export function containerCalls(world: World): ContainerCalls {
  const carrying = (labels: Readonly<Record<string, string>>): readonly ContainerFacts[] =>
    [...world.containers.values()].filter((each) => carries(each.spec.labels, labels)).map(factsOf);
  return {
    create: (spec) => promised(() => create(world, spec)),
    start: (id) => start(world, id),
    stop: (id, graceMs) => stop(world, id, graceMs),
    kill: (id, signal) => {
      const container = world.containers.get(id);
      if (container !== undefined) ended(world, container, signal === 'SIGKILL' ? killed : terminated);
      return Promise.resolve();
    },
    update: (id, resources) =>
      promised(() => {
        const container = found(world, id);
        container.spec = { ...container.spec, resources: { ...container.spec.resources, ...resources } };
      }),
    remove: (id) =>
      promised(() => {
        remove(world, id);
      }),
    inspect: (id) => {
      const container = world.containers.get(id);
      return Promise.resolve(container === undefined ? undefined : factsOf(container));
    },
    list: (labels) => Promise.resolve(carrying(labels)),
    summaries: (labels) => Promise.resolve(carrying(labels)),
    stats: (id) => Promise.resolve(world.containers.has(id) ? stats : undefined),
    storageBytes: (id) => Promise.resolve(world.containers.has(id) ? 0 : undefined),
  };
}

function create(world: World, spec: ContainerSpec): string {
  const image = world.images.get(spec.image) ?? [...world.images.values()].find((each) => each.id === spec.image);
  if (image === undefined) throw new RuntimeError('image-not-found', `No such image: ${spec.image}`);
  if ([...world.containers.values()].some((each) => each.spec.name === spec.name))
    throw new RuntimeError('conflict', `The container name "/${spec.name}" is already in use`);
  world.created += 1;
  const id = `c${world.created}`;
  const createdAt = world.options.clock.now();
  world.containers.set(id, { id, spec, image, createdAt, state: 'created', log: [], waiters: new Set() });
  return id;
}

async function start(world: World, id: string): Promise<void> {
  const { clock, timers, startMs = 0, program: programOf } = world.options;
  await after(world, startMs);
  const container = found(world, id);
  if (container.state === 'running') return;
  const program = programOf?.(container.spec) ?? {};
  const now = clock.now();
  if (program.startError !== undefined) {
    Object.assign(container, { state: 'exited', exitCode: 127, error: program.startError, finishedAt: now });
    throw new RuntimeError('cannot-run', program.startError);
  }
  Object.assign(container, { state: 'running', startedAt: now });
  for (const line of program.output ?? [])
    container.log.push({ at: now, chunk: { stream: 'stdout', data: bytes.encode(`${line}\n`) } });
  if (program.runsMs !== undefined)
    container.timer = timers.after(program.runsMs, () => {
      ended(world, container, program.exitCode ?? 0);
    });
  tell(world, container, 'started');
}

async function stop(world: World, id: string, graceMs: number): Promise<boolean> {
  const container = world.containers.get(id);
  if (container?.state !== 'running') return container !== undefined;
  const program = world.options.program?.(container.spec) ?? {};
  if (program.ignoresStop === true || container.spec.labels[names.role] === 'sandbox') {
    await after(world, graceMs);
    ended(world, container, killed);
  } else ended(world, container, program.exitCode ?? terminated);
  return true;
}

function remove(world: World, id: string): void {
  const container = world.containers.get(id);
  if (container === undefined) return;
  ended(world, container, killed);
  world.containers.delete(id);
  wake(container);
  tell(world, container, 'removed');
}

function factsOf(container: SimulatedContainer): ContainerFacts {
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

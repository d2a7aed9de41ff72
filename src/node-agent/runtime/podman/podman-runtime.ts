/** The runtime port on Podman: its API is Docker's but for a few answers, and it makes bridges only for its own use. */
import type { Timers } from '../../../base/index.ts';
import { type RunCommand, runCommand } from '../../network/command.ts';
import { ensureNetwork, removeNetwork } from '../bridge-networks.ts';
import { dockerRuntime } from '../docker/index.ts';
import { labels } from '../labels.ts';
import type { LogLimits } from '../log-limits.ts';
import { profileFile, profileFolder } from '../profile-file.ts';
import { removeUntilGone } from '../removal.ts';
import { type ContainerRuntime, type ContainerSpec, type ContainerSummary, RuntimeError } from '../runtime.ts';
import { sandboxProgram, sandboxReference } from '../sandbox-image.ts';

interface PodmanRuntimeOptions {
  readonly socketPath: string;
  readonly timers: Timers;
  /** Default: a kubelet's. */
  readonly logs?: LogLimits | undefined;
  /** For profiles, which Podman wants as files. Default: where a kubelet has them. */
  readonly seccompFolder?: string | undefined;
  readonly run?: RunCommand | undefined;
}

/** Podman 5's service (`podman system service`), as root. */
export function podmanRuntime(options: PodmanRuntimeOptions): ContainerRuntime {
  const { socketPath, timers, seccompFolder = profileFolder, run = runCommand } = options;
  const engine = dockerRuntime({
    socketPath,
    timers,
    logs: options.logs,
    // With Docker a container that joins a network has its hostname as well.
    utsOf: ({ network }) => (network.type === 'container' ? `container:${network.id}` : undefined),
  });
  return {
    ...engine,
    forwardChain: 'FORWARD',
    facts: async () => ({ ...(await engine.facts()), name: 'podman' }),
    images: async () =>
      // Of what an import says about its image, Podman takes no labels.
      (await engine.images()).map((image) =>
        image.references.some((reference) => reference.endsWith(sandboxReference))
          ? { ...image, labels: { ...image.labels, [labels.role]: 'image' } }
          : image,
      ),
    create: async (spec) => {
      try {
        return await engine.create(await podmanSpec(spec, seccompFolder));
      } catch (error) {
        throw await reasonOf(engine, spec, error);
      }
    },
    remove: (id) => remove(engine, timers, id),
    logs: async (id, read) => {
      // Podman gives up following what has ended before it has told the last lines.
      const follow = read.follow && (await engine.inspect(id))?.state !== 'exited';
      return engine.logs(id, { ...read, follow });
    },
    ensureNetwork: (spec) => ensureNetwork({ run, summaries: engine.summaries }, spec),
    removeNetwork: (name, own) => removeNetwork(run, name, own),
  };
}

/** The sandbox's program is not among what an import keeps, either. Mounts of images are always read-only. */
async function podmanSpec(spec: ContainerSpec, seccompFolder: string): Promise<ContainerSpec> {
  const { seccomp } = spec.security;
  const file = seccomp.startsWith('{') ? await profileFile(seccompFolder, seccomp) : seccomp;
  const entrypoint = spec.image === sandboxReference ? [sandboxProgram] : spec.entrypoint;
  const mounts = spec.mounts.map((mount) => (mount.image === true ? { ...mount, readOnly: false } : mount));
  return { ...spec, entrypoint, mounts, security: { ...spec.security, seccomp: file } };
}

/**
 * Podman removes no container that others have joined: what runs in a sandbox goes with it, and what has ended holds
 * it, dead, until that is removed. A removal by force would wait ten seconds for the container to stop, so it is killed
 * before.
 */
function remove(engine: ContainerRuntime, timers: Timers, id: string): Promise<void> {
  const attempt = async (): Promise<void> => {
    const { [labels.podUid]: uid, [labels.role]: role } = (await engine.inspect(id))?.labels ?? {};
    const isSandbox = uid !== undefined && role === 'sandbox';
    if (isSandbox) await removeUnended(engine, timers, uid);
    await engine.kill(id, 'SIGKILL');
    try {
      await engine.remove(id);
    } catch (error) {
      if (!isSandbox || !(await isHeld(engine, uid))) throw error;
    }
    if (uid !== undefined && role === 'container') await removeEmptied(engine, uid);
  };
  return removeUntilGone(timers, attempt, async () => (await engine.inspect(id)) === undefined);
}

const containersOf = (engine: ContainerRuntime, uid: string): Promise<readonly ContainerSummary[]> =>
  engine.summaries({ [labels.podUid]: uid, [labels.role]: 'container' });

async function removeUnended(engine: ContainerRuntime, timers: Timers, uid: string): Promise<void> {
  const unended = (await containersOf(engine, uid)).filter(({ state }) => state !== 'exited');
  await Promise.all(unended.map((each) => remove(engine, timers, each.id)));
}

async function isHeld(engine: ContainerRuntime, uid: string): Promise<boolean> {
  return (await containersOf(engine, uid)).some(({ state }) => state === 'exited');
}

/** Removes the dead sandboxes of a pod; of one that is held still, the removal of the last that holds it does it. */
async function removeEmptied(engine: ContainerRuntime, uid: string): Promise<void> {
  const sandboxes = await engine.summaries({ [labels.podUid]: uid, [labels.role]: 'sandbox' });
  for (const { id, state } of sandboxes)
    if (state === 'exited')
      await engine.remove(id).catch((error: unknown) => {
        if (!(error instanceof RuntimeError) || error.code === 'unreachable') throw error;
      });
}

/** Podman says 500 when a name is taken. */
async function reasonOf(engine: ContainerRuntime, { name }: ContainerSpec, error: unknown): Promise<unknown> {
  if (!(error instanceof RuntimeError) || error.code !== 'failed') return error;
  const holder = await engine.inspect(name).catch(() => undefined);
  return holder === undefined ? error : new RuntimeError('conflict', error.message, error);
}

/** The runtime port on a CRI runtime. */
import type { Clock, Timers } from '../../../base/index.ts';
import { type RunCommand, runCommand } from '../../network/command.ts';
import { type ContainerRuntime, RuntimeError } from '../runtime.ts';
import { sandboxReference } from '../sandbox-image.ts';
import { ensureNetwork, hasNetworks, removeNetwork } from '../bridge-networks.ts';
import { profileFile, profileFolder } from '../profile-file.ts';
import { installCni, removeCni } from './cni-plugin.ts';
import { type CriConnection, connectCri } from './cri-connection.ts';
import { containerCalls, statusOf } from './cri-containers.ts';
import { followCriEvents } from './cri-events.ts';
import { askSettings, engineFacts, type EngineSettings } from './cri-facts.ts';
import { imageCalls } from './cri-images.ts';
import { removeCgroupParent } from './process-limits.ts';
import { sandboxCalls } from './cri-sandboxes.ts';
import { streamCalls } from './cri-streams.ts';
import { type LogLimits, logLimits } from '../log-limits.ts';
import { readLog } from './log-reader.ts';

interface CriRuntimeOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Default: where a kubelet has them. */
  readonly logFolder?: string | undefined;
  /** For profiles, which CRI wants as files. Default: where a kubelet has them. */
  readonly seccompFolder?: string | undefined;
  readonly run?: RunCommand | undefined;
  /** How much of each log is kept; default: as a kubelet. */
  readonly logs?: LogLimits | undefined;
  /** A question that takes longer counts as not answered. */
  readonly questionMs?: number | undefined;
}

/** containerd and CRI-O, by CRI's version v1. */
export function criRuntime(options: CriRuntimeOptions): ContainerRuntime {
  const { timers, run = runCommand, logFolder = '/var/log/pods' } = options;
  const { seccompFolder = profileFolder } = options;
  const limits = options.logs ?? logLimits({});
  const connection = connectCri(options.socketPath, options);
  const settings = engineFeed(connection);
  const sandboxImage = async (): Promise<string | undefined> => (await settings.now()).sandboxImage;
  const images = imageCalls({ connection, timers, run, sandboxImage });
  let installed: Promise<void> | undefined;
  const marker = async (): Promise<string> => (await sandboxImage()) ?? sandboxReference;
  const sandboxes = sandboxCalls(connection, {
    logFolder,
    image: marker,
    prepare: async () => {
      const known = await settings.now();
      installed ??= installCni(known);
      await Promise.all([installed, images.sandboxImage()]);
      return known;
    },
    // Somebody may have removed the plug-in, or set the runtime up anew.
    failed: () => {
      installed = undefined;
      settings.forget();
    },
  });
  const containers = containerCalls(connection, {
    timers,
    sandboxes,
    sandboxImage: marker,
    imageId: async (reference) => (await images.image(reference))?.id ?? reference,
    imageIds: async () =>
      new Map(
        (await images.images()).flatMap(({ id, references, digests }) =>
          [...references, ...digests].map((each) => [each, id] as const),
        ),
      ),
    seccompFile: (profile) => profileFile(seccompFolder, profile),
  });
  return {
    ...containers,
    ...images,
    ...streamCalls(connection),
    forwardChain: 'FORWARD',
    facts: async () => {
      settings.forget();
      return engineFacts(connection);
    },
    logs: async (id, read) => {
      const status = (await statusOf(connection, id))?.status;
      if (status === undefined) throw new RuntimeError('not-found', `No such container: ${id}`);
      const isRunning = async (): Promise<boolean> =>
        (await statusOf(connection, id))?.status?.state === 'CONTAINER_RUNNING';
      return readLog({ path: status.logPath, timers, isRunning }, read);
    },
    ensureNetwork: (spec) => ensureNetwork({ run, summaries: containers.summaries }, spec),
    removeNetwork: async (name, own) => {
      if (!(await removeNetwork(run, name, own))) return false;
      if (await hasNetworks(run)) return true;
      await removeCgroupParent();
      await removeCni(await settings.now());
      return true;
    },
    events: (labels, listener) =>
      followCriEvents({ connection, sandboxes, timers, labels, listener, logLimits: limits }),
    close: () => {
      connection.close();
    },
  };
}

/** The runtime's settings, asked for once, and again after a failure. */
function engineFeed(connection: CriConnection): { now(): Promise<EngineSettings>; forget(): void } {
  let known: Promise<EngineSettings> | undefined;
  return {
    now: () => {
      known ??= askSettings(connection).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
    forget: () => {
      known = undefined;
    },
  };
}

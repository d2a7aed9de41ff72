/** The sandboxes of a CRI runtime, which it makes and starts in one step. */
import { mkdir, rm } from 'node:fs/promises';
import { labels as names } from '../labels.ts';
import { type ContainerFacts, type ContainerSpec, RuntimeError } from '../runtime.ts';
import { actionMs, type CriConnection, ignoring } from './cri-connection.ts';
import { sandboxFacts } from './cri-facts.ts';
import type { ListedSandbox, SandboxStatus, Verbose } from './cri-messages.ts';
import { configOf, own, type SandboxConfig, sandboxConfig } from './cri-spec.ts';
import { cgroupParent } from './process-limits.ts';

type Labels = Readonly<Record<string, string>>;

export interface Sandboxes {
  /** `isPrivate`: for one container, which it goes with. Rejects with `conflict` when the name is taken. */
  run(spec: ContainerSpec, isPrivate: boolean): Promise<{ readonly id: string; readonly config: SandboxConfig }>;
  /** Whether it was made here: then it runs, or has run. */
  made(id: string): boolean;
  /** Undefined when there is none with this id. */
  inspect(id: string): Promise<ContainerFacts | undefined>;
  /** Undefined when there is none with this id. */
  config(id: string): Promise<SandboxConfig | undefined>;
  /** Of a group: the one that runs. */
  ofGroup(group: string): Promise<string | undefined>;
  list(labels: Labels): Promise<readonly ListedSandbox[]>;
  /** Stops what runs in it. */
  stop(id: string): Promise<void>;
  /** With its containers and their logs. Removing what is gone is a success. */
  remove(id: string): Promise<void>;
}

interface SandboxOptions {
  readonly logFolder: string;
  /** What the runtime makes sandboxes of. */
  readonly image: () => Promise<string>;
  /** Makes the runtime ready for sandboxes with a network of their own. */
  readonly prepare: () => Promise<{ readonly plainCgroups: boolean }>;
  /** A sandbox could not be made: `prepare` looks again. */
  readonly failed: () => void;
}

export function sandboxCalls(connection: CriConnection, options: SandboxOptions): Sandboxes {
  /** What was made here; those of an earlier process are asked for. */
  const configs = new Map<string, SandboxConfig>();
  const list = (labels: Labels): Promise<readonly ListedSandbox[]> => listSandboxes(connection, labels);
  const status = (id: string): Promise<Verbose<SandboxStatus> | undefined> =>
    ignoring(
      'not-found',
      connection.runtime<Verbose<SandboxStatus>>('PodSandboxStatus', { podSandboxId: id, verbose: true }),
    );
  const config = async (id: string): Promise<SandboxConfig | undefined> => {
    const known = configs.get(id);
    if (known !== undefined) return known;
    const found = (await status(id))?.status;
    return found === undefined ? undefined : configOf(found);
  };
  return {
    list,
    config,
    made: (id) => configs.has(id),
    run: async (spec, isPrivate) => {
      const { plainCgroups } = await options.prepare().catch((error: unknown) => {
        options.failed();
        throw error;
      });
      const made = sandboxConfig(spec, {
        logFolder: options.logFolder,
        isPrivate,
        cgroupParent: plainCgroups ? cgroupParent : '',
      });
      await mkdir(made.logDirectory, { recursive: true, mode: 0o755 });
      const request = { config: made, runtimeHandler: spec.engineRuntime };
      try {
        const { podSandboxId: id } = await connection.runtime<{ readonly podSandboxId: string }>(
          'RunPodSandbox',
          request,
          { deadlineMs: actionMs },
        );
        configs.set(id, made);
        return { id, config: made };
      } catch (error) {
        options.failed();
        throw await reasonOf(connection, { name: spec.name, image: await options.image() }, error);
      }
    },
    inspect: async (id) => {
      const answer = await status(id);
      if (answer?.status === undefined) return undefined;
      return sandboxFacts(answer, answer.status, await options.image());
    },
    ofGroup: async (group) => {
      for (const [id, { labels }] of configs) if (labels[own.group] === group) return id;
      return (await list({ [own.group]: group })).find(({ state }) => state === 'SANDBOX_READY')?.id;
    },
    stop: async (id) => {
      await ignoring('not-found', connection.runtime('StopPodSandbox', { podSandboxId: id }, { deadlineMs: actionMs }));
    },
    remove: async (id) => {
      const known = await config(id);
      const logs = known?.logDirectory ?? '';
      for (const method of ['StopPodSandbox', 'RemovePodSandbox'])
        await ignoring('not-found', connection.runtime(method, { podSandboxId: id }, { deadlineMs: actionMs }));
      configs.delete(id);
      // Another attempt of the pod logs to the same folder.
      const { [names.podUid]: uid } = known?.labels ?? {};
      const rest = logs === '' ? [] : await list(uid === undefined ? {} : { [names.podUid]: uid });
      const inUse = rest.some(({ annotations }) => Object.values(annotations).includes(logs));
      if (logs !== '' && !inUse) await rm(logs, { recursive: true, force: true });
    },
  };
}

async function listSandboxes(connection: CriConnection, labels: Labels): Promise<readonly ListedSandbox[]> {
  const filter = { labelSelector: selectorOf(labels) };
  const answer = await connection.runtime<{ readonly items: readonly ListedSandbox[] }>('ListPodSandbox', { filter });
  return answer.items.filter((each) => carries(each.labels, labels));
}

/** CRI selects by equal values only. */
export const selectorOf = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

/** An empty value asks only that the label is there. */
export const carries = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => (value === '' ? labels[key] !== undefined : labels[key] === value));

/** Runtimes give these reasons in texts of their own; what is there tells whether they hold. */
async function reasonOf(
  connection: CriConnection,
  { name, image }: { readonly name: string; readonly image: string },
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof RuntimeError) || error.code !== 'failed') return error;
  const holders = await listSandboxes(connection, { [own.name]: name }).catch(() => []);
  if (holders.length > 0) return new RuntimeError('conflict', error.message, error);
  const isThere = await hasImage(connection, image).catch(() => true);
  return isThere ? error : new RuntimeError('image-not-found', error.message, error);
}

export async function hasImage(connection: CriConnection, reference: string): Promise<boolean> {
  const { image } = await connection.image<{ readonly image?: object | undefined }>('ImageStatus', {
    image: { image: reference },
  });
  return image !== undefined;
}

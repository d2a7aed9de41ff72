/** The images of a CRI runtime, and that of its sandboxes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delay, errorMessage, type Timers } from '../../../base/index.ts';
import type { RunCommand } from '../../network/command.ts';
import { sandboxArchive } from '../image-archive.ts';
import { parseImageReference } from '../image-reference.ts';
import { labels } from '../labels.ts';
import { type ContainerRuntime, type ImageFacts, type RegistryCredentials, RuntimeError } from '../runtime.ts';
import { sandboxReference } from '../sandbox-image.ts';
import { actionMs, type CriConnection, ignoring } from './cri-connection.ts';
import { imageFacts } from './cri-facts.ts';
import type { CriImage } from './cri-messages.ts';

interface ImagePorts {
  readonly connection: CriConnection;
  readonly timers: Timers;
  readonly run: RunCommand;
  /** What the runtime makes sandboxes of; undefined: it does not say. */
  readonly sandboxImage: () => Promise<string | undefined>;
}

type ImageCalls = Pick<
  ContainerRuntime,
  'image' | 'images' | 'pull' | 'removeImage' | 'sandboxImage' | 'forgetSandboxImage'
>;

/** The runtime itself gives up a pull that makes no progress; this bounds one that hangs. */
const pullMs = 30 * 60_000;

interface ImageAnswer {
  readonly image?: CriImage | undefined;
  readonly info: Readonly<Record<string, string>>;
}

export function imageCalls(ports: ImagePorts): ImageCalls {
  const { connection } = ports;
  const image = async (reference: string): Promise<ImageFacts | undefined> => {
    const request = { image: { image: reference }, verbose: true };
    const answer = await ignoring('not-found', connection.image<ImageAnswer>('ImageStatus', request));
    return answer?.image === undefined ? undefined : imageFacts(answer.image, answer.info);
  };
  let sandbox: Promise<string> | undefined;
  return {
    image,
    images: async () => {
      const [{ images }, kept] = await Promise.all([
        connection.image<{ readonly images: readonly (CriImage & { readonly pinned?: boolean })[] }>('ListImages'),
        ports.sandboxImage(),
      ]);
      return images.map((each) => {
        const facts = imageFacts(each);
        const isSandbox = each.pinned === true || facts.references.some((own) => sameImage(own, kept ?? ''));
        return isSandbox ? { ...facts, labels: { ...facts.labels, [labels.role]: 'image' } } : facts;
      });
    },
    pull: async (reference, credentials) => {
      if (parseImageReference(reference) === undefined)
        throw new RuntimeError('invalid', `invalid reference format: ${reference}`);
      await pull(connection, reference, credentials);
      const pulled = await image(reference);
      if (pulled === undefined) throw new RuntimeError('failed', `${reference} was pulled but is not present`);
      return pulled;
    },
    removeImage: async (id) => {
      const request = { image: { image: id } };
      await ignoring('not-found', connection.image('RemoveImage', request, { deadlineMs: actionMs }));
      sandbox = undefined;
    },
    sandboxImage: () => {
      sandbox ??= makeSandboxImage(ports, image).catch((error: unknown) => {
        sandbox = undefined;
        throw error;
      });
      return sandbox;
    },
    forgetSandboxImage: () => {
      sandbox = undefined;
    },
  };
}

/** Whether two references name the same, written in short or in full. */
function sameImage(one: string, other: string): boolean {
  const [first, second] = [parseImageReference(one), parseImageReference(other)];
  return (
    first !== undefined &&
    second !== undefined &&
    first.registry === second.registry &&
    first.repository === second.repository &&
    first.engineTag === second.engineTag
  );
}

async function pull(connection: CriConnection, reference: string, credentials?: RegistryCredentials): Promise<void> {
  const auth = credentials === undefined ? undefined : { ...credentials };
  try {
    await connection.image('PullImage', { image: { image: reference }, auth }, { deadlineMs: pullMs });
  } catch (error) {
    throw pullError(error);
  }
}

/** Beside "not found" runtimes tell causes apart by text only. */
function pullError(error: unknown): unknown {
  if (!(error instanceof RuntimeError)) return error;
  const text = errorMessage(error);
  if (error.code === 'not-found' || /manifest unknown|: not found/i.test(text))
    return new RuntimeError('image-not-found', text, error);
  if (/unauthorized|denied|authorization failed|authentication required/i.test(text))
    return new RuntimeError('unauthorized', text, error);
  if (/dial tcp|no such host|timeout|connection refused|i\/o|RegistryUnavailable|EOF/i.test(text))
    return new RuntimeError('registry-unreachable', text, error);
  return error;
}

const [importedLooks, importedMs] = [50, 100] as const;

/** The runtime's own setting decides; Troupe's image is brought along, any other one is pulled. */
async function makeSandboxImage(
  ports: ImagePorts,
  image: (reference: string) => Promise<ImageFacts | undefined>,
): Promise<string> {
  const reference = await ports.sandboxImage();
  if (reference === undefined) return sandboxReference;
  if ((await image(reference)) !== undefined) return reference;
  if (!sameImage(reference, sandboxReference)) {
    await pull(ports.connection, reference);
    return reference;
  }
  await importArchive(ports);
  // The runtime hears of it a moment later.
  for (let looks = 0; looks < importedLooks; looks++) {
    if ((await image(reference)) !== undefined) return reference;
    await delay(ports.timers, importedMs);
  }
  throw new RuntimeError('failed', `the sandbox image ${reference} was imported but the runtime does not know it`);
}

/** CRI has no word for it; containerd's own program has. */
async function importArchive({ connection, run }: ImagePorts): Promise<void> {
  const archive = await sandboxArchive(process.arch === 'x64' ? 'amd64' : process.arch);
  const folder = await mkdtemp(join(tmpdir(), 'troupe-sandbox-'));
  const file = join(folder, 'image.tar');
  try {
    await writeFile(file, archive);
    await run('ctr', ['--address', connection.socketPath, '--namespace', 'k8s.io', 'images', 'import', file]);
  } catch (error) {
    throw new RuntimeError('failed', `could not import the sandbox image: ${errorMessage(error)}`, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pulls images and imports the sandbox image. */
import { pack } from 'tar-stream';
import type { Readable } from 'node:stream';
import { errorMessage, type Timers } from '../../../base/index.ts';
import { type DockerConnection, ignoring } from './docker-connection.ts';
import { readObjects } from './docker-events.ts';
import { type DockerImage, engineFacts, imageFacts } from './docker-facts.ts';
import { parseImageReference } from '../image-reference.ts';
import { labels } from '../labels.ts';
import { type ContainerRuntime, type ImageFacts, type RegistryCredentials, RuntimeError } from '../runtime.ts';
import { sandboxExecutable, sandboxProgram, sandboxReference } from '../sandbox-image.ts';

interface PullLine {
  readonly error?: string | undefined;
  readonly errorDetail?: { readonly message?: string } | undefined;
}

/**
 * Pulls and waits; a pull without progress for `silenceMs` is given up, so that a registry that cannot be reached fails
 * soon.
 */
async function pullDockerImage(
  connection: DockerConnection,
  reference: string,
  options: {
    readonly timers: Timers;
    readonly silenceMs: number;
    readonly credentials?: RegistryCredentials | undefined;
  },
): Promise<void> {
  const parsed = parseImageReference(reference);
  if (parsed === undefined) throw new RuntimeError('invalid', `invalid reference format: ${reference}`);
  const abort = new AbortController();
  let timer = options.timers.after(options.silenceMs, () => {
    abort.abort();
  });
  const alive = (): void => {
    timer.cancel();
    timer = options.timers.after(options.silenceMs, () => {
      abort.abort();
    });
  };
  try {
    const stream = await connection.stream('POST', '/images/create', {
      query: { fromImage: parsed.engineName, tag: parsed.engineTag },
      signal: abort.signal,
      registryAuth: options.credentials === undefined ? undefined : authorization(options.credentials),
    });
    abort.signal.addEventListener('abort', () => {
      stream.destroy();
    });
    await pullProgress(stream, alive);
    if (abort.signal.aborted) throw silent(parsed.registry, options.silenceMs);
  } catch (error) {
    if (abort.signal.aborted) throw silent(parsed.registry, options.silenceMs);
    throw pullError(error);
  } finally {
    timer.cancel();
  }
}

function silent(registry: string, silenceMs: number): RuntimeError {
  return new RuntimeError(
    'registry-unreachable',
    `registry ${registry} gave no answer within ${Math.round(silenceMs / 1000)}s`,
  );
}

function authorization(credentials: RegistryCredentials): Record<string, string | undefined> {
  return {
    username: credentials.username,
    password: credentials.password,
    serveraddress: credentials.serverAddress,
    identitytoken: credentials.identityToken,
  };
}

function pullProgress(stream: Readable, alive: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: string | undefined;
    readObjects<PullLine>(stream, (line) => {
      alive();
      failure ??= line.errorDetail?.message ?? line.error;
    });
    stream.on('error', (error) => {
      failure ??= error.message;
    });
    stream.once('close', () => {
      if (failure === undefined) resolve();
      else reject(new RuntimeError('failed', failure));
    });
  });
}

/** Docker tells these causes apart only by text. */
function pullError(error: unknown): RuntimeError {
  const text = errorMessage(error);
  if (/manifest unknown|not found|does not exist|repository does not exist/i.test(text) && !/no such host/i.test(text))
    return new RuntimeError('image-not-found', text, error);
  if (/unauthorized|denied|authentication required/i.test(text)) return new RuntimeError('unauthorized', text, error);
  if (/dial tcp|no such host|timeout|connection refused|unreachable|i\/o|deadline|proxyconnect|EOF/i.test(text))
    return new RuntimeError('registry-unreachable', text, error);
  return new RuntimeError('failed', text, error);
}

/** Imports the sandbox's one program as an image. */
async function importSandboxImage(connection: DockerConnection, architecture: string): Promise<void> {
  const executable = sandboxExecutable(architecture);
  if (executable === undefined)
    throw new RuntimeError('invalid', `there is no sandbox program for the architecture ${architecture}`);
  const archive = pack();
  archive.entry({ name: sandboxProgram.slice(1), mode: 0o755, mtime: new Date(0) }, Buffer.from(executable));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  const [repo, tag] = sandboxReference.split(':');
  const stream = await connection.stream('POST', '/images/create', {
    query: { fromSrc: '-', repo, tag, changes: `ENTRYPOINT ["${sandboxProgram}"]\nLABEL ${labels.role}=image` },
    upload: Buffer.concat(chunks),
  });
  await pullProgress(stream, () => undefined);
  // Two agents that import at once leave one copy without a name.
  const filters = JSON.stringify({ dangling: ['true'], label: [`${labels.role}=image`] });
  await connection.call('POST', '/images/prune', { query: { filters } });
}

type ImageCalls = Pick<
  ContainerRuntime,
  'image' | 'images' | 'pull' | 'removeImage' | 'sandboxImage' | 'forgetSandboxImage'
>;

/** A pull without progress for this long is given up. */
const silenceMs = 15_000;

export function imageCalls(connection: DockerConnection, timers: Timers): ImageCalls {
  const image = async (reference: string): Promise<ImageFacts | undefined> => {
    const answer = await ignoring('not-found', connection.call<DockerImage>('GET', `/images/${reference}/json`));
    return answer === undefined ? undefined : imageFacts(answer);
  };
  let sandbox: Promise<string> | undefined;
  const makeSandbox = async (): Promise<string> => {
    if ((await image(sandboxReference)) === undefined)
      await importSandboxImage(connection, (await engineFacts(connection)).architecture);
    return sandboxReference;
  };
  return {
    image,
    images: async () => (await connection.call<readonly DockerImage[]>('GET', '/images/json')).map(imageFacts),
    pull: async (reference, credentials) => {
      await pullDockerImage(connection, reference, { timers, silenceMs, credentials });
      const pulled = await image(reference);
      if (pulled === undefined) throw new RuntimeError('failed', `${reference} was pulled but is not present`);
      return pulled;
    },
    removeImage: async (id) => {
      await ignoring('not-found', connection.call('DELETE', `/images/${id}`, { query: { force: true } }));
      sandbox = undefined;
    },
    sandboxImage: () => {
      sandbox ??= makeSandbox().catch((error: unknown) => {
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

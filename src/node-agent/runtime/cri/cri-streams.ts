/** Execs and attached streams of a CRI runtime's containers. */
import {
  type ContainerRuntime,
  type ExecSpec,
  type OutputChunk,
  type ProcessSession,
  RuntimeError,
} from '../runtime.ts';
import type { CriConnection } from './cri-connection.ts';
import { statusOf } from './cri-containers.ts';
import { spdyClient, type SpdyClient } from './spdy-client.ts';

export function streamCalls(connection: CriConnection): Pick<ContainerRuntime, 'exec' | 'attach'> {
  const urlOf = async (method: string, request: object): Promise<string> =>
    (await connection.runtime<{ readonly url: string }>(method, request)).url;
  const streamsOf = ({ stdin, stdout, stderr, terminal }: Omit<ExecSpec, 'command'>): object =>
    // A terminal has one output; runtimes refuse a second one.
    ({ stdin, stdout, stderr: stderr && !terminal, tty: terminal });
  return {
    exec: async (id, spec) => {
      const url = await urlOf('Exec', { containerId: id, cmd: spec.command, ...streamsOf(spec) });
      return openSession(url, spec, (status) => exitCodeOf(status));
    },
    attach: async (id, streams) => {
      const url = await urlOf('Attach', { containerId: id, ...streamsOf(streams) });
      return openSession(url, streams, async () => {
        const status = (await statusOf(connection, id))?.status;
        return status?.state === 'CONTAINER_EXITED' ? status.exitCode : undefined;
      });
    },
  };
}

/** A metav1.Status, as far as it is read. */
interface StreamStatus {
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly details?:
    | { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] | undefined }
    | undefined;
}

/** The exit code of a command. Throws when it could not be run. */
function exitCodeOf(text: string): number {
  let status: StreamStatus;
  try {
    status = JSON.parse(text) as StreamStatus;
  } catch {
    throw new RuntimeError('failed', 'the container runtime did not say how the command ended');
  }
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const code = Number(cause?.message);
  if (status.reason === 'NonZeroExitCode' && Number.isInteger(code)) return code;
  throw new RuntimeError('cannot-run', status.message ?? 'the command could not be run');
}

type ExitOf = (status: string) => number | undefined | Promise<number | undefined>;

async function openSession(url: string, spec: Omit<ExecSpec, 'command'>, exitOf: ExitOf): Promise<ProcessSession> {
  const client = await spdyClient(url);
  const output = new OutputQueue(client);
  let status = '';
  const told = new Promise<void>((resolve) => {
    const ears = {
      data: (data: Uint8Array) => {
        status += Buffer.from(data).toString('utf8');
      },
      end: resolve,
    };
    void client.open({ streamtype: 'error' }, ears);
  });
  const deaf = { data: () => undefined, end: () => undefined };
  const stdin = spec.stdin ? await client.open({ streamtype: 'stdin' }, deaf) : undefined;
  for (const stream of ['stdout', 'stderr'] as const)
    if (spec[stream] && !(stream === 'stderr' && spec.terminal))
      await client.open({ streamtype: stream }, output.ears(stream));
  const sizes = spec.terminal ? await client.open({ streamtype: 'resize' }, deaf) : undefined;
  void told.then(() => {
    output.statusCame();
  });
  return {
    output: output.chunks(),
    write: (data) => stdin?.send(data) ?? Promise.resolve(),
    endInput: () => {
      stdin?.finish();
    },
    resize: (Width, Height) => sizes?.send(Buffer.from(JSON.stringify({ Width, Height }))) ?? Promise.resolve(),
    exitCode: async () => {
      await told;
      client.close();
      return exitOf(status);
    },
    close: () => {
      client.close();
    },
  };
}

const waitingBytesMax = 1024 * 1024;

/** What waits for the reader; when it is much, nothing more is taken off the wire. */
class OutputQueue {
  readonly #client: SpdyClient;
  readonly #waiting: OutputChunk[] = [];
  #bytes = 0;
  #open = 0;
  #hasStatus = false;
  #hasReader = true;
  #wake: () => void = () => undefined;

  constructor(client: SpdyClient) {
    this.#client = client;
  }

  ears(stream: OutputChunk['stream']): { data(data: Uint8Array): void; end(): void } {
    this.#open += 1;
    return {
      data: (data) => {
        if (!this.#hasReader) return;
        this.#waiting.push({ stream, data });
        this.#bytes += data.byteLength;
        if (this.#bytes > waitingBytesMax) this.#client.pause();
        this.#wake();
      },
      end: () => {
        this.#open -= 1;
        this.#wake();
      },
    };
  }

  /** The process has ended: what it left running may hold its output open for ever. */
  statusCame(): void {
    this.#hasStatus = true;
    this.#wake();
  }

  async *chunks(): AsyncGenerator<OutputChunk> {
    try {
      yield* this.#read();
    } finally {
      // How the process ends comes after what nobody reads any more.
      this.#hasReader = false;
      this.#client.resume();
    }
  }

  async *#read(): AsyncGenerator<OutputChunk> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.data.byteLength;
        if (this.#bytes <= waitingBytesMax / 2) this.#client.resume();
        yield chunk;
        continue;
      }
      if (this.#open === 0 || this.#hasStatus) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

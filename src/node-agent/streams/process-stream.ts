/** Streams a process of a container (exec, attach) to a door. */
import { errorMessage } from '../../base/index.ts';
import type { OpenStream } from '../../protocol/index.ts';
import type { ContainerRuntime, ProcessSession } from '../runtime/index.ts';
import type { StreamLink } from './stream-link.ts';

const [stdin, stdout, stderr, status, resize] = [0, 1, 2, 3, 4];

/** Starts or attaches to a process of a container. Rejects with RuntimeError before anything is streamed. */
export function openProcess(runtime: ContainerRuntime, id: string, open: OpenStream): Promise<ProcessSession> {
  const streams = {
    stdin: open.stdin ?? false,
    stdout: open.stdout ?? false,
    stderr: open.stderr ?? false,
    terminal: open.tty ?? false,
  };
  return open.type === 'attach'
    ? runtime.attach(id, streams)
    : runtime.exec(id, { command: open.command ?? [], ...streams });
}

/** Carries a process's streams until it ends, then its status on channel 3. */
export async function carryProcess(link: StreamLink, session: ProcessSession, open: OpenStream): Promise<void> {
  link.onData(async (channel, data) => {
    if (channel === stdin) await session.write(data);
    else if (channel === resize) await resized(session, data);
  });
  link.onEnd((channel) => {
    if (channel === stdin) session.endInput();
    else if (channel === undefined) session.close();
  });
  try {
    for await (const chunk of session.output) {
      const channel = chunk.stream === 'stderr' ? stderr : stdout;
      const wanted = channel === stderr ? open.stderr === true : open.stdout === true;
      if (wanted && !(await link.send(channel, chunk.data))) break;
    }
    const exitCode = await session.exitCode();
    // As with a kubelet, who was attached asks the pod's status how the container ended.
    const told = open.type === 'attach' ? 0 : (exitCode ?? 0);
    await link.send(status, bytes.encode(JSON.stringify(exitStatus(told))));
  } catch (error) {
    await link.send(
      status,
      bytes.encode(
        JSON.stringify({
          metadata: {},
          status: 'Failure',
          message: errorMessage(error),
          reason: 'InternalError',
          code: 500,
        }),
      ),
    );
  } finally {
    session.close();
    link.end();
  }
}

const bytes = new TextEncoder();

async function resized(session: ProcessSession, data: Uint8Array): Promise<void> {
  const size = JSON.parse(Buffer.from(data).toString('utf8')) as {
    readonly Width?: number | undefined;
    readonly Height?: number | undefined;
  };
  if (size.Width !== undefined && size.Height !== undefined && size.Width > 0 && size.Height > 0)
    await session.resize(size.Width, size.Height);
}

/** The metav1.Status by which clients learn an exit code. */
export function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

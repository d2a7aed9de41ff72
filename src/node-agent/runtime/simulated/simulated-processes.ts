/** Logs, execs and attached streams of simulated containers. */
import {
  type ContainerRuntime,
  type ExecSpec,
  type LogOutput,
  type OutputChunk,
  type ProcessSession,
  type ReadLogs,
  RuntimeError,
} from '../runtime.ts';
import { bytes, found, type SimulatedContainer, wake, type World } from './simulated-world.ts';

function logOutput(world: World, container: SimulatedContainer, read: ReadLogs): LogOutput {
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
  container: SimulatedContainer,
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

export function processCalls(world: World): Pick<ContainerRuntime, 'logs' | 'exec' | 'attach'> {
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
      if (container.state !== 'running') throw new RuntimeError('conflict', `container ${id} is not running`);
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

function scriptedSession(world: World, container: SimulatedContainer, spec: ExecSpec): ProcessSession {
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

/** Logs, execs and attached streams of a Docker Engine's containers. */
import { type ContainerRuntime, type ExecSpec, type ProcessSession, RuntimeError } from '../runtime.ts';
import { type DockerConnection, ignoring } from './docker-connection.ts';
import type { DockerInspect } from './docker-facts.ts';
import { dockerOutput, dockerSession } from './docker-streams.ts';

export function processCalls(connection: DockerConnection): Pick<ContainerRuntime, 'logs' | 'exec' | 'attach'> {
  const inspect = (id: string): Promise<DockerInspect> => connection.call('GET', `/containers/${id}/json`);
  return {
    logs: async (id, read) => {
      const terminal = (await inspect(id)).Config.Tty;
      const query = {
        stdout: true,
        stderr: true,
        follow: read.follow,
        timestamps: read.timestamps,
        tail: read.tailLines,
        since: read.since === undefined ? undefined : (read.since / 1000).toFixed(9),
      };
      const source = await connection.stream('GET', `/containers/${id}/logs`, { query });
      const output = dockerOutput(source, terminal);
      return {
        [Symbol.asyncIterator]: () => output,
        close: () => {
          source.destroy();
        },
      };
    },
    exec: (id, spec) => startExec(connection, id, spec),
    attach: async (id, streams) => {
      const query = { stream: true, stdin: streams.stdin, stdout: streams.stdout, stderr: streams.stderr };
      const socket = await connection.hijack(`/containers/${id}/attach`, { query });
      // The engine attaches to what has ended, too, and then says nothing for ever. Looked at afterwards, since the
      // container may end at any moment.
      const facts = await ignoring('not-found', inspect(id)).catch((error: unknown) => {
        socket.destroy();
        throw error;
      });
      if (facts?.State.Running !== true) {
        socket.destroy();
        throw new RuntimeError('conflict', `container ${id} is not running`);
      }
      return dockerSession(connection, socket, {
        terminal: streams.terminal,
        resizePath: `/containers/${id}/resize`,
        exitCode: async () => {
          const ended = await ignoring('not-found', inspect(id));
          return ended === undefined || ended.State.Running ? undefined : ended.State.ExitCode;
        },
      });
    },
  };
}

async function startExec(connection: DockerConnection, id: string, spec: ExecSpec): Promise<ProcessSession> {
  const created = await connection.call<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: {
      AttachStdin: spec.stdin,
      AttachStdout: spec.stdout,
      AttachStderr: spec.stderr,
      Tty: spec.terminal,
      Cmd: spec.command,
    },
  });
  const socket = await connection.hijack(`/exec/${created.Id}/start`, { body: { Detach: false, Tty: spec.terminal } });
  return dockerSession(connection, socket, {
    terminal: spec.terminal,
    resizePath: `/exec/${created.Id}/resize`,
    exitCode: async () =>
      (await connection.call<{ ExitCode: number | null }>('GET', `/exec/${created.Id}/json`)).ExitCode ?? undefined,
  });
}

/** The streams of Docker's containers and execs. */
import type { Duplex, Readable } from 'node:stream';
import type { DockerConnection } from './docker-connection.ts';
import type { OutputChunk, ProcessSession } from '../runtime.ts';

/** A terminal's output is one stream, as it comes. */
async function* rawOutput(source: Readable): AsyncGenerator<OutputChunk> {
  for await (const data of source) yield { stream: 'stdout', data: data as Uint8Array };
}

/**
 * Without a terminal Docker puts stdout and stderr into one stream of frames: {1 or 2, 0, 0, 0, length: uint32 big
 * endian} and the data (Docker Engine API, "Stream format"). Pieces of a frame are handed on as they come.
 */
async function* framedOutput(source: Readable): AsyncGenerator<OutputChunk> {
  let header = Buffer.alloc(0);
  let left = 0;
  let stream: OutputChunk['stream'] = 'stdout';
  for await (const piece of source) {
    let rest = piece as Buffer;
    while (rest.length > 0) {
      if (left === 0) {
        const needed = 8 - header.length;
        header = Buffer.concat([header, rest.subarray(0, needed)]);
        rest = rest.subarray(needed);
        if (header.length < 8) break;
        stream = header[0] === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const data = rest.subarray(0, left);
      left -= data.length;
      rest = rest.subarray(data.length);
      yield { stream, data };
    }
  }
}

/** The output of a container or exec, its ends taken as ends even when the engine cuts the connection. */
export async function* dockerOutput(source: Readable, terminal: boolean): AsyncGenerator<OutputChunk> {
  try {
    yield* terminal ? rawOutput(source) : framedOutput(source);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'ECONNRESET' && code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'EPIPE') throw error;
  } finally {
    source.destroy();
  }
}

interface SessionOptions {
  readonly terminal: boolean;
  readonly resizePath: string;
  readonly exitCode: () => Promise<number | undefined>;
}

/** A process's streams over an upgraded connection. */
export function dockerSession(connection: DockerConnection, socket: Duplex, options: SessionOptions): ProcessSession {
  // The reader of `output` gets the error; nobody else needs it.
  socket.on('error', () => undefined);
  return {
    output: dockerOutput(socket, options.terminal),
    write: (data) =>
      new Promise((resolve) => {
        if (!socket.writable) resolve();
        else
          socket.write(data, () => {
            resolve();
          });
      }),
    endInput: () => {
      if (socket.writable) socket.end();
    },
    resize: async (width, height) => {
      await connection.call('POST', options.resizePath, { query: { w: width, h: height } });
    },
    exitCode: options.exitCode,
    close: () => {
      socket.destroy();
    },
  };
}

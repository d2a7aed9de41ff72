/** Asks the processes in the networks of pods for connections, and starts them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Timer, Timers } from '../../base/index.ts';
import type { Listening } from './process.ts';

/** Whose network it is, by the process that is known to be in it. */
interface NetworkOwner {
  readonly containerId: string;
  readonly processId: number;
}

/** Makes connections in the networks of pods. */
export interface LoopbackDialer {
  /** A connection to a loopback address of that network. Rejects when nothing listens there. */
  dial(owner: NetworkOwner, port: number): Promise<Socket>;
}

const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './process.ts' : './loopback-process.js', import.meta.url),
);
const listening: Listening = 'listening\n';
/** Networks in use at a time: each takes a process. */
const networksMax = 64;

/** So long a process waits for the next connection. */
const lingerMs = 10_000;

/** The dialer of the machine that this process runs on. `enter`: the command that enters a process' network. */
export function loopbackDialer(
  timers: Timers,
  enter = (processId: number): readonly string[] => ['nsenter', '-t', String(processId), '-n'],
): LoopbackDialer {
  /** By the container whose network it is. */
  const processes = new Map<string, NetworkProcess>();
  return {
    dial: async ({ containerId, processId }, port) => {
      const known = processes.get(containerId);
      if (known !== undefined) return known.dial(port);
      if (processes.size >= networksMax) throw new Error(`ports of ${networksMax} pods are forwarded already`);
      const command = [...enter(processId), process.execPath, program];
      const made = new NetworkProcess(timers, command, () => {
        if (processes.get(containerId) === made) processes.delete(containerId);
      });
      processes.set(containerId, made);
      return made.dial(port);
    },
  };
}

/** A process in the network of a pod. It ends some time after its last connection. */
class NetworkProcess {
  readonly #timers: Timers;
  readonly #over: () => void;
  readonly #started: Promise<Started>;
  #users = 0;
  #idle: Timer | undefined;

  /** `over`: nobody may ask for connections any more. */
  constructor(timers: Timers, command: readonly string[], over: () => void) {
    this.#timers = timers;
    this.#over = over;
    this.#started = start(command, over);
    // Whoever asks for a connection hears it.
    this.#started.catch(() => undefined);
  }

  async dial(port: number): Promise<Socket> {
    this.#users++;
    this.#idle?.cancel();
    try {
      const socket = await opened((await this.#started).path, port);
      socket.once('close', () => {
        this.#leave();
      });
      return socket;
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#idle = this.#timers.after(lingerMs, () => {
      this.#over();
      this.#started.then(
        ({ child }) => child.stdin?.end(),
        () => undefined,
      );
    });
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly path: string;
}

/** Starts the process; resolves when it listens at its socket. */
async function start([command = '', ...args]: readonly string[], gone: () => void): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
  const path = join(folder, 's');
  const child = spawn(command, [...args, path], { stdio: ['pipe', 'pipe', 'pipe'], env: {} });
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', (error) => {
      gone();
      reject(error);
    });
    child.once('exit', (status) => {
      gone();
      void rm(folder, { recursive: true, force: true });
      reject(new Error(`the network of the pod cannot be entered (${String(status)}): ${said(child)}`));
    });
  });
  const line = once(child.stdout, 'data').then(([data]) => {
    if (String(data) !== listening) throw new Error(`the network of the pod answered: ${String(data)}`);
  });
  child.stdin.on('error', () => undefined);
  await Promise.race([line, ended]);
  ended.catch(() => undefined);
  // It ends with this process, and does not keep it alive.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket).unref();
  return { child, path };
}

const said = ({ stderr }: ChildProcess): string => String(stderr?.read() ?? '').slice(0, 1_000);

function opened(path: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    let answer = Buffer.alloc(0);
    const heard = (data: Buffer): void => {
      answer = Buffer.concat([answer, data]);
      const end = answer.indexOf('\n');
      if (end === -1) return;
      socket.pause();
      socket.off('data', heard);
      socket.off('error', reject);
      const problem = answer.subarray(0, end).toString();
      if (problem === '') {
        const rest = answer.subarray(end + 1);
        if (rest.length > 0) socket.unshift(rest);
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(problem));
      }
    };
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('the process in the network of the pod has ended'));
    });
    socket.on('data', heard);
    socket.write(`${port}\n`);
  });
}

/** Decides which of several agents on one machine programs its network. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Timer, Timers } from '../../base/index.ts';

/**
 * Several agents may run on one machine and share its packet filter. One of them writes it: the one that holds the
 * claim. The others keep a connection to it and take over the moment it dies.
 */
export interface MachineClaim {
  /** Whether this agent holds it now. */
  readonly held: boolean;
  /** The nodes whose agents share the machine, the own one included; known to the holder. */
  readonly nodes: readonly string[];
  close(): void;
}

const retryMs = 200;

interface ClaimOptions {
  readonly cluster: string;
  readonly node: string;
  readonly timers: Timers;
  /** Called at each change. */
  readonly changed: () => void;
}

/** Claims the machine for a cluster by an abstract unix socket: the kernel frees its name with the process. */
export function claimMachine(options: ClaimOptions): MachineClaim {
  const claim = new SocketClaim(options);
  claim.try();
  return claim;
}

class SocketClaim implements MachineClaim {
  readonly #options: ClaimOptions;
  readonly #path: string;
  /** The agents that keep a connection to this one, and their nodes. */
  readonly #followers = new Map<Socket, string>();
  #server: Server | undefined;
  #link: Socket | undefined;
  #timer: Timer | undefined;
  #held = false;
  #closed = false;

  constructor(options: ClaimOptions) {
    this.#options = options;
    this.#path = `\0troupe-network-${options.cluster}`;
  }

  get held(): boolean {
    return this.#held;
  }

  get nodes(): readonly string[] {
    return [this.#options.node, ...this.#followers.values()];
  }

  /** Takes the claim, or follows the agent that has it. */
  try(): void {
    const server = createServer((socket) => {
      this.#serve(socket);
    });
    server.once('error', () => {
      this.#follow();
    });
    server.listen({ path: this.#path }, () => {
      if (this.#closed) {
        server.close();
        return;
      }
      this.#server = server;
      this.#held = true;
      server.on('error', () => {
        this.#retry();
      });
      this.#options.changed();
    });
    server.unref();
  }

  close(): void {
    this.#closed = true;
    this.#held = false;
    this.#timer?.cancel();
    this.#link?.destroy();
    for (const socket of this.#followers.keys()) socket.destroy();
    this.#server?.close();
  }

  #retry(): void {
    if (this.#closed) return;
    this.#timer = this.#options.timers.after(retryMs, () => {
      this.try();
    });
  }

  #follow(): void {
    const link = connect(this.#path, () => {
      link.write(this.#options.node);
    });
    // 'close' follows.
    link.on('error', () => undefined);
    link.on('close', () => {
      if (!this.#closed) this.try();
    });
    link.unref();
    this.#link = link;
  }

  #serve(socket: Socket): void {
    const { changed } = this.#options;
    socket.setEncoding('utf8');
    socket.on('data', (name: string) => {
      this.#followers.set(socket, name);
      changed();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#followers.delete(socket);
      changed();
    });
    socket.unref();
  }
}

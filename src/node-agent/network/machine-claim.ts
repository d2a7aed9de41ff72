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

/**
 * Claims the machine for a cluster by an abstract unix socket: the kernel frees its name with the process. `changed` is
 * called at each change.
 */
export function claimMachine(options: {
  readonly cluster: string;
  readonly node: string;
  readonly timers: Timers;
  readonly changed: () => void;
}): MachineClaim {
  const path = `\0troupe-network-${options.cluster}`;
  const followers = new Map<Socket, string>();
  let server: Server | undefined;
  let link: Socket | undefined;
  let timer: Timer | undefined;
  let held = false;
  let closed = false;
  const again = (): void => {
    if (!closed) timer = options.timers.after(retryMs, claim);
  };
  const follow = (): void => {
    link = connect(path, () => {
      link?.write(options.node);
    });
    // 'close' follows.
    link.on('error', () => undefined);
    link.on('close', () => {
      if (!closed) claim();
    });
    link.unref();
  };
  const serve = (socket: Socket): void => {
    socket.setEncoding('utf8');
    socket.on('data', (name: string) => {
      followers.set(socket, name);
      options.changed();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      followers.delete(socket);
      options.changed();
    });
    socket.unref();
  };
  const claim = (): void => {
    const attempt = createServer(serve);
    attempt.once('error', () => {
      follow();
    });
    attempt.listen({ path }, () => {
      if (closed) {
        attempt.close();
        return;
      }
      server = attempt;
      held = true;
      attempt.on('error', again);
      options.changed();
    });
    attempt.unref();
  };
  claim();
  return {
    get held() {
      return held;
    },
    get nodes() {
      return [options.node, ...followers.values()];
    },
    close: () => {
      closed = true;
      held = false;
      timer?.cancel();
      link?.destroy();
      for (const socket of followers.keys()) socket.destroy();
      server?.close();
    },
  };
}

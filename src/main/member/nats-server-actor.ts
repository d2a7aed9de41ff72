/** The nats-server child process as an actor. */
import type { ActorRef, ActorSystem, Behaviour } from '../../actors/index.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../bus/index.ts';

type NatsMessage =
  | { readonly type: 'exited'; readonly server: NatsServer; readonly how: string }
  | {
      readonly type: 'reload';
      /** The other servers, as `host:port`; absent: as before. */
      readonly others?: readonly string[] | undefined;
    }
  /** The server starts anew with this. */
  | {
      readonly type: 'authorize';
      readonly authorization: NatsServerOptions['authorization'];
      readonly reply: (pid: number) => void;
    }
  | { readonly type: 'whenReady'; readonly reply: (pid: number) => void };

/** A server that was killed must be back before its clients notice. */
const restart = { restartsMax: 30, withinMs: 60_000, backoffMs: 20, backoffMsMax: 2_000 };

/** When the child exits, the actor crashes, and its restart starts another child on the same port. */
function natsServerBehaviour(options: NatsServerOptions): Behaviour<NatsServer, NatsMessage> {
  let { routes, authorization } = options;
  const start = async (self: ActorRef<NatsMessage>): Promise<NatsServer> => {
    const server = await startNatsServer({ ...options, routes, authorization });
    void server.exited.then(({ code, signal }) => {
      self.tell({ type: 'exited', server, how: signal ?? `code ${String(code)}` });
    });
    return server;
  };
  return {
    initialState: (context) => start(context.self),
    receive: async (server, message, context) => {
      if (message.type === 'exited' && message.server === server)
        throw new Error(`nats-server ended by ${message.how}`);
      if (message.type === 'authorize') {
        ({ authorization } = message);
        await server.stop();
        const next = await start(context.self);
        message.reply(next.pid() ?? 0);
        return next;
      }
      if (message.type === 'whenReady') message.reply(server.pid() ?? 0);
      // Its certificate files have changed, or other servers came or went.
      if (message.type === 'reload') {
        // A restarted server must know them too.
        if (routes !== undefined && message.others !== undefined) routes = { ...routes, others: message.others };
        await server.reload(message.others);
      }
      return server;
    },
    afterStop: (server) => server.stop(),
  };
}

/** Starts the supervised server and resolves when it accepts connections. */
export async function superviseNatsServer(
  system: ActorSystem,
  options: NatsServerOptions,
): Promise<ActorRef<NatsMessage>> {
  const ref = system.spawn('nats-server', natsServerBehaviour(options), { restart });
  await ref.ask<number>((reply) => ({ type: 'whenReady', reply }), { deadlineMs: 15_000 });
  return ref;
}

/** How a connection that had to leave its own server goes back to it. */
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import type { Timers } from '../base/index.ts';

const lookMs = 5_000;
const answersMs = 2_000;

/**
 * Keeps a connection at the first of its servers: it goes to another when that is away, and comes back when it answers
 * again. Members that stayed where they went would gather at one server, and all of them be lost with it for seconds.
 */
export class OwnServer {
  readonly #timers: Timers;
  #own: string | undefined;
  #answers = false;
  #looking = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Which server to try next; null: the next in turn. */
  readonly choose: NonNullable<ConnectionOptions['reconnectToServer']> = (pool) => {
    this.#own ??= pool[0]?.listen;
    const chosen = this.#answers ? pool.find(({ listen }) => listen === this.#own) : undefined;
    this.#answers = false;
    return chosen ?? null;
  };

  /** `settings`: those of the connection. */
  keep(connection: NatsConnection, settings: ConnectionOptions): void {
    const timer = this.#timers.every(lookMs, () => {
      if (this.#looking || connection.isClosed() || connection.getServer() === this.#own) return;
      this.#looking = true;
      this.#goBack(connection, settings)
        // It is away still: it is looked for again.
        .catch(() => undefined)
        .finally(() => {
          this.#looking = false;
        });
    });
    void connection.closed().then(() => {
      timer.cancel();
    });
  }

  async #goBack(connection: NatsConnection, settings: ConnectionOptions): Promise<void> {
    const { reconnectToServer: _, ...others } = settings;
    const first = { ...others, servers: this.#own ?? '', name: `${settings.name}-looks`, waitOnFirstConnect: false };
    const probe = await connect({ ...first, reconnect: false, timeout: answersMs });
    await probe.close();
    await connection.flush();
    this.#answers = true;
    await connection.reconnect();
  }
}

/** Ends watches whose user may no longer watch. */
import { delay, errorMessage, type Logger, type Timers } from '../base/index.ts';
import type { Requester, ResourceView } from '../resources/index.ts';
import { followRights, mastersGroup, nodesGroup, type RightsChange, tiesOf } from './auth/index.ts';
import type { ApiHttpResponse, BodySink } from './request.ts';

interface StandingPorts {
  readonly view: Pick<ResourceView, 'onChange'>;
  readonly timers: Timers;
  readonly log: Logger;
}

interface Watcher {
  readonly user: Requester;
  /** Judges the request again, from its credential on; rejects where it would be refused. */
  judge(): Promise<unknown>;
}

/** Their rights follow from no role. */
const lasting: ReadonlySet<string> = new Set([mastersGroup, nodesGroup]);

/**
 * The watches of this member's doors. When a role, a binding, an account, or what a token is bound to goes in the
 * store, the requests behind them are judged again, and refused ones end within some three seconds; Kubernetes lets
 * them go on until their time is over.
 */
export class StandingWatches {
  readonly #ports: StandingPorts;
  readonly #standing = new Map<StandingSink, Watcher>();

  constructor(ports: StandingPorts) {
    this.#ports = ports;
    followRights(ports, {
      isTie: (uid) => this.#isTie(uid),
      changed: (change) => void this.#review(change),
    });
  }

  /** The answer, which ends when the watcher may no longer watch. */
  follow(response: ApiHttpResponse, watcher: Watcher): ApiHttpResponse {
    const { body } = response;
    if (typeof body !== 'function') return response;
    return {
      ...response,
      body: (sink) => {
        const standing = new StandingSink(sink, () => {
          this.#standing.delete(standing);
        });
        this.#standing.set(standing, watcher);
        standing.begin();
        body(standing);
      },
    };
  }

  #isTie(uid: string): boolean {
    for (const { user } of this.#standing.values()) if (tiesOf(user).includes(uid)) return true;
    return false;
  }

  async #review({ deleted, rights }: RightsChange): Promise<void> {
    const { timers, log } = this.#ports;
    for (const [sink, { user, judge }] of [...this.#standing]) {
      const tied = tiesOf(user).some((uid) => deleted.has(uid));
      if (!tied && (!rights || user.groups.some((group) => lasting.has(group)))) continue;
      try {
        await judge();
      } catch (error) {
        log.info('ended a watch whose user may no longer watch', { user: user.name, reason: errorMessage(error) });
        sink.revoke();
      }
      await delay(timers, 0); // Judging many must not hold up everything else.
    }
  }
}

/** Passes everything on, and can be ended from outside, as if the reader had gone. */
class StandingSink implements BodySink {
  readonly #sink: BodySink;
  readonly #over: () => void;
  readonly #closing: (() => void)[] = [];
  #closed = false;

  /** `over`: the answer has ended or its reader is gone. */
  constructor(sink: BodySink, over: () => void) {
    this.#sink = sink;
    this.#over = over;
  }

  begin(): void {
    this.#sink.onClose(() => {
      this.#close();
    });
  }

  get full(): boolean {
    return this.#sink.full;
  }

  write(bytes: Uint8Array, traces?: readonly (string | undefined)[]): boolean {
    return this.#sink.write(bytes, traces);
  }

  end(): void {
    this.#over();
    this.#sink.end();
  }

  abort(): void {
    this.#over();
    this.#sink.abort();
  }

  onDrain(listener: () => void): void {
    this.#sink.onDrain(listener);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closing.push(listener);
  }

  revoke(): void {
    this.#close();
    this.#sink.end();
  }

  #close(): void {
    this.#closed = true;
    this.#over();
    for (const listener of this.#closing.splice(0)) listener();
  }
}

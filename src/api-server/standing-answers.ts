/** Ends answers that last, such as watches and shells, when their users may no longer have them. */
import { delay, errorMessage, type Logger, type Timers } from '../base/index.ts';
import type { Requester, ResourceView } from '../resources/index.ts';
import { followRights, mastersGroup, nodesGroup, type RightsChange, tiesOf, type Withdrawals } from './auth/index.ts';
import type { ApiHttpResponse, BodySink, BodyStream, MessageSocket, Upgrade } from './request.ts';

interface StandingPorts {
  readonly view: Pick<ResourceView, 'onChange'>;
  readonly timers: Timers;
  readonly log: Logger;
  readonly withdrawals: Withdrawals;
}

interface Reader {
  readonly user: Requester;
  /** Judges the request again, from its credential on; rejects where it would be refused. */
  judge(): Promise<unknown>;
}

/** Their rights follow from no role. */
const lasting: ReadonlySet<string> = new Set([mastersGroup, nodesGroup]);

/** An answer that is under way. */
interface Standing {
  /** Ends it at once, on both sides. */
  revoke(): void;
}

/**
 * The answers of this member's doors that last: watches, logs, shells, forwarded ports, proxied streams. When a role, a
 * binding, an account, or what a token is bound to goes in the store, the requests behind them are judged again, and
 * refused ones end within some three seconds; Kubernetes lets them go on until their time is over.
 */
export class StandingAnswers {
  readonly #ports: StandingPorts;
  readonly #standing = new Map<Standing, Reader>();

  constructor(ports: StandingPorts) {
    this.#ports = ports;
    followRights(ports, {
      isTie: (uid) => this.#isTie(uid),
      changed: (change) => void this.#review((user) => isConcerned(user, change)),
    });
    ports.withdrawals.onWithdrawn(() => void this.#review(() => true));
  }

  /** The answer, which ends when its reader may no longer have it. One that is there as a whole is left as it is. */
  follow(response: ApiHttpResponse, reader: Reader): ApiHttpResponse {
    const { body, upgrade } = response;
    if (upgrade !== undefined) return { ...response, upgrade: this.#followed(upgrade, reader) };
    return typeof body === 'function' ? { ...response, body: this.#stream(body, reader) } : response;
  }

  #stream(body: BodyStream, reader: Reader): BodyStream {
    return (sink) => {
      const standing = new StandingSink(sink, () => {
        this.#standing.delete(standing);
      });
      this.#standing.set(standing, reader);
      standing.begin();
      body(standing);
    };
  }

  #followed(upgrade: Upgrade, reader: Reader): Upgrade {
    return {
      protocol: upgrade.protocol,
      run: (socket) => {
        const standing = new StandingSocket(socket, () => {
          this.#standing.delete(standing);
        });
        this.#standing.set(standing, reader);
        standing.begin();
        upgrade.run(standing);
      },
      cancel: () => {
        upgrade.cancel?.();
      },
    };
  }

  #isTie(uid: string): boolean {
    for (const { user } of this.#standing.values()) if (tiesOf(user).includes(uid)) return true;
    return false;
  }

  async #review(concerns: (user: Requester) => boolean): Promise<void> {
    const { timers, log } = this.#ports;
    for (const [standing, { user, judge }] of [...this.#standing]) {
      if (!concerns(user)) continue;
      try {
        await judge();
      } catch (error) {
        log.info('ended an answer that its user may no longer have', { user: user.name, reason: errorMessage(error) });
        standing.revoke();
      }
      await delay(timers, 0); // Judging many must not hold up everything else.
    }
  }
}

function isConcerned(user: Requester, { deleted, rights }: RightsChange): boolean {
  return tiesOf(user).some((uid) => deleted.has(uid)) || (rights && !user.groups.some((group) => lasting.has(group)));
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

/** Close code of a WebSocket whose user's rights went (RFC 6455: policy violation). */
const policyViolation = 1008;

/** Passes messages on until it is ended from outside: then both sides take it for closed. */
class StandingSocket implements MessageSocket {
  readonly #socket: MessageSocket;
  readonly #over: () => void;
  readonly #closing: (() => void)[] = [];
  #closed = false;

  constructor(socket: MessageSocket, over: () => void) {
    this.#socket = socket;
    this.#over = over;
  }

  begin(): void {
    this.#socket.onClose(() => {
      this.#close();
    });
  }

  send(data: Uint8Array | string): boolean {
    return this.#closed || this.#socket.send(data);
  }

  onMessage(listener: (data: Uint8Array, binary: boolean) => void): void {
    this.#socket.onMessage((data, binary) => {
      if (!this.#closed) listener(data, binary);
    });
  }

  hold(held: boolean): void {
    this.#socket.hold(held);
  }

  onDrain(listener: () => void): void {
    this.#socket.onDrain(listener);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closing.push(listener);
  }

  close(code: number, reason: string): void {
    this.#over();
    this.#socket.close(code, reason);
  }

  revoke(): void {
    this.#close();
    this.#socket.hold(false); // A held connection would not hear that its other side closes.
    this.#socket.close(policyViolation, 'the user may no longer do this');
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#over();
    for (const listener of this.#closing.splice(0)) listener();
  }
}

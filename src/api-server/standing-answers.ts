/** Ends answers that last, such as watches and shells, when their users may no longer have them. */
import { tooManyRequests } from '../api/index.ts';
import { type Clock, delay, errorMessage, limits, type Logger, type Timer, type Timers } from '../base/index.ts';
import type { Requester, ResourceView } from '../resources/index.ts';
import { followRights, mastersGroup, nodesGroup, type RightsChange, tiesOf, type Withdrawals } from './auth/index.ts';
import type { ApiHttpResponse, BodySink, BodyStream, MessageSocket, Upgrade } from './request.ts';

interface StandingPorts {
  readonly view: Pick<ResourceView, 'onChange'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly withdrawals: Withdrawals;
  /** Of one user; absent: as in `limits`. */
  readonly answersMax?: number | undefined;
}

interface Reader {
  readonly user: Requester;
  /** When the token, or the client's certificate, ends, wall-clock ms; undefined: there is none that does. */
  readonly tokenEndsAt: number | undefined;
  readonly certificateEndsAt: number | undefined;
  /** Judges the request again, from its credential on; rejects where it would be refused. */
  judge(): Promise<unknown>;
}

/** Their rights follow from no role. */
const lasting: ReadonlySet<string> = new Set([mastersGroup, nodesGroup]);

const isLasting = ({ groups }: Requester): boolean => groups.some((group) => lasting.has(group));

/** When a reader's credential ends. Agents make a token for each request, which says nothing of their answers. */
const endOf = ({ user, tokenEndsAt = Infinity, certificateEndsAt = Infinity }: Reader): number =>
  isLasting(user) ? certificateEndsAt : Math.min(tokenEndsAt, certificateEndsAt);

/** The credential is judged so soon after its end, ms, and timers are set for so long at most. */
const pastMs = 500;
const farMs = 24 * 60 * 60_000;

/** An answer that is under way. */
interface Standing {
  /** Ends it at once, on both sides. */
  revoke(): void;
}

/**
 * The answers of this member's doors that last: watches, logs, shells, forwarded ports, proxied streams. When a role, a
 * binding, an account, or what a token is bound to goes in the store, the requests behind them are judged again, and
 * refused ones end within some three seconds, and so are those whose token has expired; Kubernetes lets them go on
 * until their time is over.
 */
export class StandingAnswers {
  readonly #ports: StandingPorts;
  readonly #standing = new Map<Standing, Reader & { expiry: Timer | undefined }>();
  /** How many each user has. */
  readonly #byUser = new Map<string, number>();
  readonly #answersMax: number;

  constructor(ports: StandingPorts) {
    this.#ports = ports;
    this.#answersMax = ports.answersMax ?? limits.standingPerUserMax;
    followRights(ports, {
      isTie: (uid) => this.#isTie(uid),
      changed: (change) => void this.#review((user) => isConcerned(user, change)),
    });
    ports.withdrawals.onWithdrawn(() => void this.#review(() => true));
  }

  /** Throws 429 where a user has as many answers under way as one may have; agents and administrators have no bound. */
  admit(user: Requester): void {
    const count = this.#byUser.get(user.name) ?? 0;
    if (count < this.#answersMax || isLasting(user)) return;
    throw tooManyRequests(`user ${JSON.stringify(user.name)} has ${count} watches and streams under way; end some`, 5);
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
        this.#forget(standing);
      });
      this.#remember(standing, reader);
      standing.begin();
      body(standing);
    };
  }

  #followed(upgrade: Upgrade, reader: Reader): Upgrade {
    return {
      protocol: upgrade.protocol,
      run: (socket) => {
        const standing = new StandingSocket(socket, () => {
          this.#forget(standing);
        });
        this.#remember(standing, reader);
        standing.begin();
        upgrade.run(standing);
      },
      cancel: () => {
        upgrade.cancel?.();
      },
    };
  }

  #remember(standing: Standing, reader: Reader): void {
    const { name } = reader.user;
    this.#standing.set(standing, { ...reader, expiry: undefined });
    this.#byUser.set(name, (this.#byUser.get(name) ?? 0) + 1);
    this.#awaitExpiry(standing);
  }

  #forget(standing: Standing): void {
    const reader = this.#standing.get(standing);
    if (reader === undefined) return;
    reader.expiry?.cancel();
    this.#standing.delete(standing);
    const { name } = reader.user;
    const rest = (this.#byUser.get(name) ?? 0) - 1;
    if (rest > 0) this.#byUser.set(name, rest);
    else this.#byUser.delete(name);
  }

  /** Judges an answer again when its credential has ended. */
  #awaitExpiry(standing: Standing): void {
    const { clock, timers } = this.#ports;
    const reader = this.#standing.get(standing);
    const endsAt = reader === undefined ? Infinity : endOf(reader);
    if (reader === undefined || endsAt === Infinity) return;
    const left = endsAt - clock.now();
    // Timers do not reach as far as some tokens live.
    const wait = left > farMs ? { ms: farMs, then: () => this.#awaitExpiry(standing) } : undefined;
    reader.expiry = timers.after(
      wait?.ms ?? Math.max(0, left) + pastMs,
      wait?.then ?? (() => void this.#judge(standing)),
    );
  }

  #isTie(uid: string): boolean {
    for (const { user } of this.#standing.values()) if (tiesOf(user).includes(uid)) return true;
    return false;
  }

  async #review(concerns: (user: Requester) => boolean): Promise<void> {
    for (const [standing, { user }] of [...this.#standing]) {
      if (!concerns(user)) continue;
      await this.#judge(standing);
      await delay(this.#ports.timers, 0); // Judging many must not hold up everything else.
    }
  }

  async #judge(standing: Standing): Promise<void> {
    const reader = this.#standing.get(standing);
    if (reader === undefined) return;
    const { user, judge } = reader;
    try {
      await judge();
    } catch (error) {
      const reason = errorMessage(error);
      this.#ports.log.info('ended an answer that its user may no longer have', { user: user.name, reason });
      standing.revoke();
    }
  }
}

function isConcerned(user: Requester, { deleted, rights }: RightsChange): boolean {
  return tiesOf(user).some((uid) => deleted.has(uid)) || (rights && !isLasting(user));
}

/** Whether an answer is over, and who wants to hear it. */
class Ending {
  readonly #over: () => void;
  readonly #listeners: (() => void)[] = [];
  #closed = false;

  /** `over`: the answer has ended or its reader is gone. */
  constructor(over: () => void) {
    this.#over = over;
  }

  get closed(): boolean {
    return this.#closed;
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#listeners.push(listener);
  }

  /** The answer's own side ended it: nobody needs to hear that. */
  over(): void {
    this.#over();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#over();
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** Passes everything on, and can be ended from outside, as if the reader had gone. */
class StandingSink implements BodySink {
  readonly #sink: BodySink;
  readonly #ending: Ending;

  constructor(sink: BodySink, over: () => void) {
    this.#sink = sink;
    this.#ending = new Ending(over);
  }

  begin(): void {
    this.#sink.onClose(() => {
      this.#ending.close();
    });
  }

  get full(): boolean {
    return this.#sink.full;
  }

  write(bytes: Uint8Array, traces?: readonly (string | undefined)[]): boolean {
    return this.#sink.write(bytes, traces);
  }

  end(): void {
    this.#ending.over();
    this.#sink.end();
  }

  abort(): void {
    this.#ending.over();
    this.#sink.abort();
  }

  onDrain(listener: () => void): void {
    this.#sink.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#ending.onClose(listener);
  }

  revoke(): void {
    this.#ending.close();
    this.#sink.end();
  }
}

/** Close code of a WebSocket whose user's rights went (RFC 6455: policy violation). */
const policyViolation = 1008;

/** Passes messages on until it is ended from outside: then both sides take it for closed. */
class StandingSocket implements MessageSocket {
  readonly #socket: MessageSocket;
  readonly #ending: Ending;

  constructor(socket: MessageSocket, over: () => void) {
    this.#socket = socket;
    this.#ending = new Ending(over);
  }

  begin(): void {
    this.#socket.onClose(() => {
      this.#ending.close();
    });
  }

  send(data: Uint8Array | string): boolean {
    return this.#ending.closed || this.#socket.send(data);
  }

  onMessage(listener: (data: Uint8Array, binary: boolean) => void): void {
    this.#socket.onMessage((data, binary) => {
      if (!this.#ending.closed) listener(data, binary);
    });
  }

  hold(held: boolean): void {
    this.#socket.hold(held);
  }

  onDrain(listener: () => void): void {
    this.#socket.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#ending.onClose(listener);
  }

  close(code: number, reason: string): void {
    this.#ending.over();
    this.#socket.close(code, reason);
  }

  revoke(): void {
    this.#ending.close();
    this.#socket.hold(false); // A held connection would not hear that its other side closes.
    this.#socket.close(policyViolation, 'the user may no longer do this');
  }
}

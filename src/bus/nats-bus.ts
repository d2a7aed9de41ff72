/** The bus over NATS. */
import {
  connect,
  headers as natsHeaders,
  createInbox,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type ConnectionOptions,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type PublishOptions as NatsPublishOptions,
} from '@nats-io/transport-node';
import { errorMessage, limits, type Timers } from '../base/index.ts';
import {
  type Bus,
  BusError,
  type BusMessage,
  type PublishOptions,
  type RequestOptions,
  type SubscribeOptions,
  type Subscription,
} from './bus.ts';
import { OwnServer } from './own-server.ts';

export interface NatsBusOptions {
  /** The first that answers is taken, in this order when `ordered`, else in any. */
  readonly servers: readonly string[];
  readonly ordered?: boolean | undefined;
  /** With `ordered`: the first one is the connection's own, to which it goes back when that answers again. */
  readonly returns?: Timers | undefined;
  /** No other servers than these, whatever they tell of their cluster. */
  readonly pinned?: boolean | undefined;
  /** What the server asks for: a token, or a name with a password. Functions are called for each connection. */
  readonly token?: string | (() => string) | undefined;
  readonly user?: { readonly name: string; readonly password: () => string } | undefined;
  /** Where answers come to; subjects of others are closed to most. Default: `_INBOX`. */
  readonly inboxPrefix?: string | undefined;
  /** PEM of the authority that signed the servers' certificates; absent: no TLS (loopback). */
  readonly ca?: string | undefined;
  /** The same in a file that is read for each connection. */
  readonly caFile?: string | undefined;
  /** Shown in the server's connection list. */
  readonly name: string;
  /** How often a connection that says nothing is tried. Its server is given up after two to three times as long. */
  readonly pingMs?: number | undefined;
  /** Wait for a server that does not listen yet, for ever: what starts with its server. Default: reject. */
  readonly patient?: boolean | undefined;
}

/** Connects to NATS and stays connected: it reconnects for ever, and says so through `onStatus`. */
export async function connectNats(options: NatsBusOptions): Promise<Bus> {
  const settings: ConnectionOptions = {
    servers: [...options.servers],
    noRandomize: options.ordered === true,
    ignoreClusterUpdates: options.pinned === true,
    name: options.name,
    maxReconnectAttempts: -1,
    waitOnFirstConnect: options.patient === true,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    // A server that is cut off is given up after six seconds at most, another one that does not answer after three.
    timeout: 3_000,
    pingInterval: options.pingMs ?? 2_000,
    maxPingOut: 2,
    // A server that starts again has no member yet that answers for us: that is no reason to give up.
    ignoreAuthErrorAbort: true,
    inboxPrefix: options.inboxPrefix ?? '_INBOX',
  };
  // The package dials the server that was lost first; it may take a connection and say nothing.
  if (options.ordered !== true) settings.reconnectToServer = longestUntried;
  const own = options.returns && new OwnServer(options.returns);
  if (own !== undefined) settings.reconnectToServer = own.choose;
  if (options.token !== undefined) settings.authenticator = tokenAuthenticator(options.token);
  if (options.user !== undefined)
    settings.authenticator = usernamePasswordAuthenticator(options.user.name, options.user.password);
  if (options.ca !== undefined) settings.tls = { ca: options.ca };
  if (options.caFile !== undefined) settings.tls = { caFile: options.caFile };
  try {
    const connection = await connect(settings);
    own?.keep(connection, settings);
    return new NatsBus(connection, settings.inboxPrefix);
  } catch (error) {
    if (error instanceof Error && error.name === 'AuthorizationError')
      throw new BusError(
        'permission',
        `the NATS server at ${options.servers.join(', ')} does not take the credentials of ${options.name}`,
        error,
      );
    throw new BusError(
      'closed',
      `no NATS server answers at ${options.servers.join(', ')}: ${errorMessage(error)}`,
      error,
    );
  }
}

/** The server whose last try lies back furthest: the one that was lost comes last. */
const longestUntried: NonNullable<ConnectionOptions['reconnectToServer']> = (servers) =>
  servers.toSorted((one, two) => one.lastConnect - two.lastConnect)[0] ?? null;

class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #inboxPrefix: string | undefined;

  constructor(connection: NatsConnection, inboxPrefix: string | undefined) {
    this.#connection = connection;
    this.#inboxPrefix = inboxPrefix;
  }

  publish(subject: string, payload: Uint8Array, options: PublishOptions = {}): void {
    checkSize(subject, payload);
    if (this.#connection.isClosed()) throw new BusError('closed', 'the connection to NATS is closed');
    this.#connection.publish(subject, payload, toNatsOptions(options));
  }

  subscribe(subject: string, handler: (message: BusMessage) => void, options: SubscribeOptions = {}): Subscription {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) handler(fromNats(message));
    };
    const { queue } = options;
    const subscription = this.#connection.subscribe(subject, queue === undefined ? { callback } : { callback, queue });
    return {
      subject,
      close: () => {
        subscription.unsubscribe();
      },
      drain: () => (subscription.isClosed() || this.#connection.isClosed() ? Promise.resolve() : subscription.drain()),
    };
  }

  async request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<BusMessage> {
    checkSize(subject, payload);
    try {
      const answer = await this.#connection.request(subject, payload, {
        timeout: options.deadlineMs,
        ...toNatsOptions({ headers: options.headers }),
      });
      return fromNats(answer);
    } catch (error) {
      throw toBusError(subject, error);
    }
  }

  inbox(): string {
    return createInbox(this.#inboxPrefix);
  }

  async flush(): Promise<void> {
    await this.#connection.flush();
  }

  onStatus(listener: (status: 'connected' | 'disconnected' | 'closed') => void): void {
    void this.#watchStatus(listener);
    void this.#connection.closed().then(() => {
      listener('closed');
    });
  }

  async close(): Promise<void> {
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  async #watchStatus(listener: (status: 'connected' | 'disconnected') => void): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect') listener('disconnected');
      if (status.type === 'reconnect') listener('connected');
    }
  }
}

function checkSize(subject: string, payload: Uint8Array): void {
  if (payload.byteLength > limits.busPayloadBytesMax) {
    throw new BusError(
      'too-large',
      `a message of ${payload.byteLength} bytes to ${subject} is over the limit of ${limits.busPayloadBytesMax}`,
    );
  }
}

function toHeaders(values: Readonly<Record<string, string>>): ReturnType<typeof natsHeaders> {
  const result = natsHeaders();
  for (const [name, value] of Object.entries(values)) for (const one of value.split('\n')) result.append(name, one);
  return result;
}

/** The package tells an absent option from an undefined one. */
function toNatsOptions({ reply, headers }: PublishOptions): NatsPublishOptions {
  const result: NatsPublishOptions = {};
  if (reply !== undefined) result.reply = reply;
  if (headers !== undefined) result.headers = toHeaders(headers);
  return result;
}

function fromHeaders(headers: MsgHdrs): Record<string, string> {
  return Object.fromEntries(headers.keys().map((key) => [key, headers.values(key).join('\n')]));
}

function fromNats(message: Msg): BusMessage {
  return {
    subject: message.subject,
    payload: message.data,
    reply: message.reply === '' ? undefined : message.reply,
    headers: message.headers === undefined ? undefined : fromHeaders(message.headers),
  };
}

/** The client's errors are told apart by their class names; everything above this door sees BusError codes. */
function toBusError(subject: string, error: unknown): BusError {
  const name = error instanceof Error ? error.name : '';
  if (
    name === 'NoRespondersError' ||
    (error instanceof Error && error.cause instanceof Error && error.cause.name === 'NoRespondersError')
  ) {
    return new BusError('no-responders', `nobody listens on ${subject}`, error);
  }
  if (name === 'TimeoutError') return new BusError('timeout', `no answer on ${subject} in time`, error);
  if (name === 'PermissionViolationError') return new BusError('permission', `not allowed on ${subject}`, error);
  if (name === 'RequestError' && error instanceof Error && /no responders/i.test(error.message))
    return new BusError('no-responders', `nobody listens on ${subject}`, error);
  return new BusError('closed', `${subject}: ${errorMessage(error)}`, error);
}

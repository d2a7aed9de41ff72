/** Troupe's own store as a peer, in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/index.ts';
import { type Bus, connectNats, type NatsServer, startNatsServer } from '../../src/bus/index.ts';
import { memberFlags, memoryEnvironment } from '../../src/main/index.ts';
import { systemTimers } from '../../src/platform/index.ts';
import type { StoreStatus } from '../../src/state/index.ts';
import { busChannel, type Channel, socketChannel } from './channel.ts';
import { clientsPerConnection, type Peer } from './peer.ts';
import { type Answer, type Facts, type HistoryRow, type MemberConfig, type Request, unpack } from './protocol.ts';

const program = join(import.meta.dirname, 'member.ts');
const token = 'benchmark';
/** A request without an answer for this long counts as lost: the member it went to has died. */
const answerMs = 2_000;
/** What a member that does not start has said last is told, up to so many characters. */
const saidMax = 4_000;

type Body = Request extends infer R ? (R extends readonly [number, ...infer Rest] ? Rest : never) : never;

interface Open {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly at: number;
  readonly member: string;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

/** The request was not sent. */
export class NotRunning extends Error {}

export interface TroupePeerOptions {
  readonly members: number;
  /**
   * Absent: members and clients talk over NATS alone. Else: members over links of their own, so many clients over
   * sockets.
   */
  readonly directClients?: number;
  readonly natsProgram?: string;
  /** Where nats-server listens; default loopback. */
  readonly natsHost?: string;
  /** Members that run in a place of their own. */
  readonly places?: ReadonlyMap<string, MemberPlace>;
  readonly segmentBytes?: number;
  /** Another build's member.ts, for members that have not been given one since. */
  readonly program?: string | undefined;
  /** NAME=value, for a member's process alone. */
  readonly environments?: ReadonlyMap<string, readonly string[]>;
}

/** A member's own place in the network. */
export interface MemberPlace {
  /** Its address there. */
  readonly host: string;
  /** The command that runs another one in it. */
  readonly command: readonly string[];
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Who follows the changes of one member. */
export interface StreamListener {
  rows(rows: readonly HistoryRow[]): void;
  /** The member ended, or no longer has what was asked for. Nothing follows. */
  ended(reason: string): void;
}

/** Member processes, their nats-server, and clients that share connections. */
export class TroupePeer implements Peer {
  readonly name = 'Troupe';
  readonly client: string;
  readonly names: readonly string[];
  readonly #processes = new Map<string, ChildProcess>();
  readonly #folder: string;
  readonly #options: TroupePeerOptions;
  readonly #nats: NatsServer;
  readonly #bus: Bus;
  readonly #inbox: string;
  readonly #open = new Map<number, Open>();
  readonly #programs = new Map<string, string>();
  readonly #streams = new Map<number, StreamListener & { readonly member: string }>();
  readonly #connections: number;
  #connectionsUsed = 1;
  readonly #channels = new Map<string, readonly Channel[]>();
  #id = 0;
  #killed: string | undefined;
  leader = '';
  /** The longest wait for an answer, in ms. */
  answerMs = answerMs;
  readonly #sweep: NodeJS.Timeout;

  private constructor(
    options: TroupePeerOptions,
    folder: string,
    parts: { readonly nats: NatsServer; readonly bus: Bus },
  ) {
    this.names = Array.from({ length: options.members }, (_, i) => String.fromCharCode(97 + i));
    this.#connections = Math.ceil((options.directClients ?? 0) / clientsPerConnection);
    this.client =
      this.#connections === 0
        ? 'msgpack over one NATS connection'
        : `msgpack over TCP, ${clientsPerConnection} clients a connection, all to the leader`;
    this.#folder = folder;
    this.#options = options;
    this.#nats = parts.nats;
    this.#bus = parts.bus;
    this.#inbox = parts.bus.inbox();
    parts.bus.subscribe(this.#inbox, ({ payload }) => {
      if (payload.length > 0) for (const answer of unpack<Answer>(payload)) this.#answered(answer);
    });
    this.#sweep = setInterval(() => {
      this.#giveUp();
    }, 50);
  }

  static async start(folder: string, options: TroupePeerOptions): Promise<TroupePeer> {
    mkdirSync(folder, { recursive: true });
    const nats = await startNatsServer({
      program: options.natsProgram ?? 'nats-server',
      host: options.natsHost ?? '127.0.0.1',
      port: await freePort(),
      authorization: { type: 'token', token },
      folder,
      logFile: join(folder, 'nats.log'),
      timers: systemTimers,
      log: silentLogger,
    });
    const bus = await connectNats({ servers: [nats.url], token, name: 'load' });
    const peer = new TroupePeer(options, folder, { nats, bus });
    await Promise.all(peer.names.map((name) => peer.startMember(name)));
    await peer.findLeader();
    return peer;
  }

  async facts(member: string): Promise<Facts> {
    return JSON.parse(String((await this.ask(member, 'facts'))[2])) as Facts;
  }

  /** Which build a member runs from its next start on; default: this one. */
  useProgram(member: string, path = program): void {
    this.#programs.set(member, path);
  }

  /** A member that is not among the founders starts without a vote and waits to be added. */
  async startMember(member: string): Promise<void> {
    const clientPort = this.#connections === 0 ? undefined : await freePort();
    const { segmentBytes, places, environments } = this.#options;
    const { host = '127.0.0.1', command = [] } = places?.get(member) ?? {};
    const config: MemberConfig = {
      ...(clientPort === undefined ? {} : { clientPort }),
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
      host,
      member,
      voters: this.names.includes(member) ? this.names : [],
      servers: [this.#nats.url],
      token,
      folder: join(this.#folder, member),
      logFile: join(this.#folder, `${member}.log`),
    };
    const flags = [...memberFlags, ...(process.env['BENCH_MEMBER_FLAGS']?.split(' ') ?? [])];
    const [first = process.execPath, ...rest] = [
      ...command,
      process.execPath,
      ...flags,
      this.#programs.get(member) ?? this.#options.program ?? program,
      JSON.stringify(config),
    ];
    const child = spawn('env', [memoryEnvironment, ...(environments?.get(member) ?? []), first, ...rest], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said = (said + String(text)).slice(-saidMax);
    });
    this.#processes.set(member, child);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => {
        resolve();
      });
      child.once('close', (code) => {
        reject(new Error(`member ${member} ended with code ${code}: ${said}`));
      });
    });
    const answered = (answer: Answer): void => {
      this.#answered(answer);
    };
    this.#channels.set(
      member,
      clientPort === undefined
        ? [busChannel(this.#bus, member, this.#inbox)]
        : await Promise.all(
            Array.from({ length: this.#connections }, () => socketChannel({ host, port: clientPort }, answered)),
          ),
    );
  }

  /** Asks all members until one says that it leads; those that are slow to answer are not waited for. */
  async findLeader(): Promise<string> {
    for (;;) {
      const asked = [...this.#processes.keys()]
        .filter((name) => name !== this.#killed)
        .map(async (name) => {
          const status = await this.status(name);
          if (status.role !== 'leader') throw new Error(`${name} does not lead`);
          return name;
        });
      const leading = await Promise.any(asked).catch(() => undefined);
      if (leading !== undefined) return (this.leader = leading);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  }

  async status(member: string): Promise<StoreStatus> {
    return JSON.parse(String((await this.ask(member, 'status'))[2])) as StoreStatus;
  }

  /** Every change under a prefix after a revision, as one member passes it on. */
  stream(
    member: string,
    { prefix, after }: { readonly prefix: string; readonly after: number },
    to: StreamListener,
  ): void {
    const channel = this.#processes.has(member) ? this.#channels.get(member)?.[0] : undefined;
    if (channel === undefined) {
      to.ended(`${member} is not running`);
      return;
    }
    this.#id += 1;
    this.#streams.set(this.#id, {
      member,
      rows: (rows) => {
        to.rows(rows);
      },
      ended: (reason) => {
        to.ended(reason);
      },
    });
    channel.post([this.#id, 'stream', prefix, after]);
  }

  /** One request to one member; rejects when no answer comes. */
  ask(member: string, ...body: Body): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const channels = this.#processes.has(member) ? this.#channels.get(member) : undefined;
      if (channels === undefined) {
        reject(new NotRunning(`${member} is not running`));
        return;
      }
      this.#id += 1;
      this.#open.set(this.#id, { resolve, reject, at: performance.now(), member });
      channels[this.#id % Math.min(this.#connectionsUsed, channels.length)]?.post([
        this.#id,
        ...body,
      ] as unknown as Request);
    });
  }

  useClients(clients: number): void {
    this.#connectionsUsed = Math.ceil(clients / clientsPerConnection);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const answer = await this.ask(this.leader, 'put', key, value);
    if (answer[1] < 0) throw new Error(String(answer[2]));
  }

  async get(key: string): Promise<void> {
    const answer = await this.ask(this.leader, 'get', key);
    if (answer[1] < 0) throw new Error(String(answer[2]));
  }

  /** kill -9 of one member; requests that it had fail at once. Resolves when the process has ended. */
  async kill(member: string): Promise<Ending> {
    const ended = this.ended(member);
    this.#processes.get(member)?.kill('SIGKILL');
    this.#forget(member);
    return ended;
  }

  /** Resolves when a member's process has ended; with `kill` what it had is forgotten. */
  ended(member: string): Promise<Ending> {
    const child = this.#processes.get(member);
    if (child === undefined) return Promise.reject(new NotRunning(`${member} is not running`));
    if (child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  pid(member: string): number | undefined {
    return this.#processes.get(member)?.pid;
  }

  #forget(member: string): void {
    this.#processes.delete(member);
    for (const channel of this.#channels.get(member) ?? []) channel.close();
    this.#channels.delete(member);
    for (const [id, open] of this.#open) {
      if (open.member !== member) continue;
      this.#open.delete(id);
      open.reject(new Error(`${member} was killed`));
    }
    for (const [id, stream] of this.#streams) {
      if (stream.member !== member) continue;
      this.#streams.delete(id);
      stream.ended(`${member} was killed`);
    }
  }

  /** SIGSTOP and the like: the process stays, with its connections. */
  signal(member: string, signal: NodeJS.Signals): void {
    this.#processes.get(member)?.kill(signal);
  }

  async killLeader(): Promise<void> {
    this.#killed = await this.findLeader();
    void this.kill(this.#killed);
  }

  async revive(): Promise<void> {
    if (this.#killed !== undefined) await this.startMember(this.#killed);
    this.#killed = undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const ended = [...this.#processes.values()].map(
      (child) =>
        new Promise((resolve) => {
          child.once('exit', resolve);
        }),
    );
    for (const child of this.#processes.values()) child.kill('SIGTERM');
    await Promise.race([
      Promise.all(ended),
      new Promise((resolve) => {
        setTimeout(resolve, 3_000).unref();
      }),
    ]);
    for (const child of this.#processes.values()) child.kill('SIGKILL');
    for (const channels of this.#channels.values()) for (const channel of channels) channel.close();
    await this.#bus.close();
    await this.#nats.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #answered(answer: Answer): void {
    const stream = this.#streams.get(answer[0]);
    if (stream !== undefined) {
      if (answer[1] !== -2) {
        stream.rows(JSON.parse(String(answer[2])) as HistoryRow[]);
        return;
      }
      this.#streams.delete(answer[0]);
      stream.ended(String(answer[2]));
      return;
    }
    const open = this.#open.get(answer[0]);
    this.#open.delete(answer[0]);
    open?.resolve(answer);
  }

  #giveUp(): void {
    const now = performance.now();
    for (const [id, open] of this.#open) {
      if (now - open.at < this.answerMs) break;
      this.#open.delete(id);
      open.reject(new Error(`${open.member} did not answer`));
    }
  }
}

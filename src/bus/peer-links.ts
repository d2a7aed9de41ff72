/** Direct sockets between members, which spare the way through NATS. */
import { timingSafeEqual } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { errorMessage, type Logger, type Random, type Timer, type Timers } from '../base/index.ts';
import type { Bus } from './bus.ts';
import { decode, encode } from './codec.ts';
import { FramedSocket } from './framed-socket.ts';

interface PeerLinksOptions {
  /** Where members tell each other how they are reached. */
  readonly bus: Bus;
  readonly subject: string;
  readonly member: string;
  /** The address to listen on, which the other members must reach; the port is any free one by default. */
  readonly listen: { readonly host: string; readonly port?: number };
  /** Both ends prove that the cluster's authority signed them. Absent: plain, for loopback alone. */
  readonly tls?: PeerTls | undefined;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
}

/** PEM texts. `ca`: all authorities that are believed. */
interface PeerTls {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Direct connections between members. */
export interface PeerLinks {
  /** False when no link to that member is open, or the payload is too large for one: it must take another way. */
  send(to: string, payload: Uint8Array): boolean;
  /** Called with what members send; the bytes are valid during the call only. One listener. */
  onPayload(listener: (payload: Uint8Array) => void): void;
  /** Members with an open link. */
  linked(): readonly string[];
  /** Shows and believes these certificates from now on; open links stay. Without effect where links are plain. */
  renew(tls: PeerTls): void;
  /** Ends all links and opens them again, under another secret. Meanwhile payloads take the other way. */
  reopen(): void;
  close(): Promise<void>;
}

/** How a member is reached. Who knows the secret reads the bus, so it is a member too. */
interface Announcement {
  readonly member: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** The others should announce themselves too. */
  readonly ask: boolean;
}

interface Hello {
  readonly from: string;
  readonly secret: string;
}

interface Link {
  readonly framed: FramedSocket;
  /** Something came since the last look; a link that stays silent for `silentLooksMax` looks is closed. */
  heard: boolean;
  silentLooks: number;
}

const frameBytesMax = 8 * 1024 * 1024;
/** A peer that takes nothing while so much waits for it is cut off: Raft sends again what matters. */
const waitingBytesMax = 64 * 1024 * 1024;
const lookMs = 250;
const silentLooksMax = 3;
/**
 * Announcements repeat every so many looks: often while a known member has no link, else only for those who missed the
 * first.
 */
const announceLooksMissing = 4;
const announceLooks = 40;
const helloMs = 2_000;
const ping = new Uint8Array(0);

/**
 * Opens this member's end and looks for the others over the bus. Of two members the one with the smaller name dials. A
 * link that breaks or falls silent is closed and dialled again; meanwhile `send` says false.
 */
export async function openPeerLinks(options: PeerLinksOptions): Promise<PeerLinks> {
  const links = new TcpPeerLinks(options);
  await links.listen();
  return links;
}

/** Undefined for what no member says. */
function announcementOf(payload: Uint8Array): Announcement | undefined {
  try {
    const { member, host, port, secret, ask } = decode(payload) as Record<string, unknown>;
    const whole =
      [member, host, secret].every((field) => typeof field === 'string') &&
      Number.isInteger(port) &&
      typeof ask === 'boolean';
    return whole ? ({ member, host, port, secret, ask } as Announcement) : undefined;
  } catch {
    return undefined;
  }
}

/** The member that announces itself on the subject of links; undefined for what no member says. */
export function announcedMember(payload: Uint8Array): string | undefined {
  return announcementOf(payload)?.member;
}

const secretsOf = ({ ca, certificate: cert, key }: PeerTls) => ({ ca, cert, key });

class TcpPeerLinks implements PeerLinks {
  readonly #options: PeerLinksOptions;
  #secret: string;
  readonly #server: Server;
  /** Of the server, which is the same one; undefined: links are plain. */
  readonly #tlsServer: TlsServer | undefined;
  #tls: PeerTls | undefined;
  readonly #links = new Map<string, Link>();
  /** By member, the newest. */
  readonly #known = new Map<string, Announcement>();
  readonly #dialling = new Set<string>();
  readonly #sockets = new Set<Socket>();
  #listener: ((payload: Uint8Array) => void) | undefined;
  #timer: Timer | undefined;
  #looks = 0;
  #closed = false;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
    this.#secret = options.random.uuid();
    const { tls } = options;
    const accept = (socket: Socket): void => {
      this.#accept(socket);
    };
    this.#tls = tls;
    this.#tlsServer =
      tls === undefined
        ? undefined
        : createTlsServer({ ...secretsOf(tls), requestCert: true, rejectUnauthorized: true }, accept);
    this.#server = this.#tlsServer ?? createServer(accept);
  }

  renew(tls: PeerTls): void {
    if (this.#tlsServer === undefined) return;
    this.#tls = tls;
    this.#tlsServer.setSecureContext(secretsOf(tls));
  }

  reopen(): void {
    this.#secret = this.#options.random.uuid();
    this.#known.clear();
    for (const socket of this.#sockets) socket.destroy();
    this.#announce(true);
  }

  async listen(): Promise<void> {
    const { bus, subject, listen, timers } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(listen.port ?? 0, listen.host, () => {
        resolve();
      });
    });
    this.#server.on('error', (error) => {
      this.#options.log.warn('the listener for other members failed', { error: errorMessage(error) });
    });
    bus.subscribe(subject, ({ payload }) => {
      const announcement = announcementOf(payload);
      if (announcement !== undefined) this.#heardOf(announcement);
    });
    bus.onStatus((status) => {
      if (status === 'connected') this.#announce(true);
    });
    this.#announce(true);
    this.#timer = timers.every(lookMs, () => {
      this.#look();
    });
  }

  send(to: string, payload: Uint8Array): boolean {
    const link = this.#links.get(to);
    if (link === undefined || payload.length > frameBytesMax) return false;
    if (link.framed.waitingBytes > waitingBytesMax) link.framed.close();
    else link.framed.send(payload);
    return true;
  }

  onPayload(listener: (payload: Uint8Array) => void): void {
    this.#listener = listener;
  }

  linked(): readonly string[] {
    return [...this.#links.keys()].sort();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #announce(ask: boolean): void {
    if (this.#closed) return;
    const { bus, subject, member, listen, log } = this.#options;
    const { port } = this.#server.address() as AddressInfo;
    const announcement: Announcement = { member, host: listen.host, port, secret: this.#secret, ask };
    try {
      bus.publish(subject, encode(announcement));
    } catch (error) {
      log.debug('cannot announce this member to the others', { error: errorMessage(error) });
    }
  }

  #heardOf(announcement: Announcement): void {
    const { member, ask } = announcement;
    if (this.#closed || member === this.#options.member) return;
    this.#known.set(member, announcement);
    if (ask) this.#announce(false);
    if (this.#options.member < member && !this.#links.has(member)) this.#dial(announcement);
  }

  /** Pings, finds links that fell silent, and announces this member again now and then. */
  #look(): void {
    for (const link of this.#links.values()) {
      link.silentLooks = link.heard ? 0 : link.silentLooks + 1;
      link.heard = false;
      if (link.silentLooks >= silentLooksMax) link.framed.close();
      else link.framed.send(ping);
    }
    this.#looks += 1;
    const missing = [...this.#known.keys()].some((member) => !this.#links.has(member));
    if (this.#looks % (missing ? announceLooksMissing : announceLooks) === 0) this.#announce(true);
  }

  #dial({ member, host, port, secret }: Announcement): void {
    if (this.#dialling.has(member)) return;
    this.#dialling.add(member);
    const tls = this.#tls;
    // The names in a certificate may not cover an address; the secret proves who it is.
    const socket: Socket =
      tls === undefined
        ? connect({ host, port })
        : connectTls({
            host,
            port,
            ...secretsOf(tls),
            checkServerIdentity: () => undefined,
          });
    const timer = this.#expire(socket);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      timer.cancel();
      const framed = this.#framed(socket);
      framed.send(encode({ from: this.#options.member, secret } satisfies Hello));
      this.#open(member, framed, socket);
    });
    socket.once('close', () => {
      this.#dialling.delete(member);
    });
    this.#hold(socket);
  }

  /** The first frame must be the hello of a member that knows our secret. */
  #accept(socket: Socket): void {
    const timer = this.#expire(socket);
    const framed = this.#framed(socket);
    framed.onPayload = (payload) => {
      const from = this.#greeted(payload);
      timer.cancel();
      if (from !== undefined) this.#open(from, framed, socket);
      else {
        this.#options.log.warn('refused a connection that no member knows', { from: socket.remoteAddress });
        socket.destroy();
      }
    };
    this.#hold(socket);
  }

  #greeted(payload: Uint8Array): string | undefined {
    try {
      const { from, secret } = decode(payload) as Hello;
      const [given, own] = [Buffer.from(String(secret)), Buffer.from(this.#secret)];
      return typeof from === 'string' && given.length === own.length && timingSafeEqual(given, own) ? from : undefined;
    } catch {
      return undefined;
    }
  }

  /** From here on the connection is the way to `member`; one that was open before is closed. */
  #open(member: string, framed: FramedSocket, socket: Socket): void {
    const link: Link = { framed, heard: true, silentLooks: 0 };
    framed.onPayload = (payload) => {
      link.heard = true;
      if (payload.length > 0) this.#listener?.(payload);
    };
    this.#links.get(member)?.framed.close();
    this.#links.set(member, link);
    this.#options.log.debug('opened a link to a member', { member });
    socket.once('close', () => {
      if (this.#links.get(member) !== link) return;
      this.#links.delete(member);
      if (!this.#closed)
        this.#options.log.info('lost the link to a member; messages go over the bus until it is back', {
          member,
        });
    });
  }

  #framed(socket: Socket): FramedSocket {
    return new FramedSocket(socket, { frameBytesMax, onPayload: () => undefined });
  }

  /** Ends a connection that is not greeted in time. */
  #expire(socket: Socket): Timer {
    const timer = this.#options.timers.after(helloMs, () => {
      socket.destroy();
    });
    socket.once('close', () => {
      timer.cancel();
    });
    return timer;
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
    });
  }
}

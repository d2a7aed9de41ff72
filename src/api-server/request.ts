/**
 * The values that pass between a door and the handler: no sockets, so that every answer can be tested as a plain value.
 */
import type { RequestTarget } from './request-target.ts';

export type HeaderValue = string | readonly string[] | undefined;
export type Headers = Readonly<Record<string, HeaderValue>>;

/** A verified client certificate's subject: CN is the user, each O a group. */
export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate, for the credential's id. */
  readonly fingerprint: string;
  /** When its validity begins, wall-clock ms. */
  readonly notBefore: number;
  /** When it ends; the connection may live on. */
  readonly notAfter: number;
  /**
   * The authority of front proxies signed it, alone or besides the clients' own. Absent: the clients' authority alone.
   */
  readonly signedBy?: 'frontProxy' | 'both' | undefined;
}

export interface ApiHttpRequest {
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  /** What the path names, where the request was made from it: the path is then not read again. */
  readonly target?: RequestTarget | undefined;
  /** As sent, without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** The body was over the limit and was not kept. */
  readonly bodyTooLarge?: boolean | undefined;
  /** The bodies of all requests took too much memory when it came; it is empty then. */
  readonly bodyWithoutRoom?: boolean | undefined;
  readonly certificate?: ClientCertificate | undefined;
  /** The address that the connection came from; absent over the bus. */
  readonly remoteAddress?: string | undefined;
  /**
   * Tells when the client goes before its answer has begun; answers what stops that. Absent: nobody can tell.
   */
  readonly onGone?: ((listener: () => void) => () => void) | undefined;
  /** The request asks to turn its connection into something else. */
  readonly upgrade?: UpgradeRequest | undefined;
}

export interface UpgradeRequest {
  /** `websocket`, or what else the Upgrade header says, in lower case. */
  readonly to: string;
  /** The WebSocket protocols that the client speaks, in its order. */
  readonly protocols: readonly string[];
}

/** A WebSocket as the streams see it. Messages arrive whole. */
export interface MessageSocket {
  /** False: too much has piled up that the reader has not taken. */
  send(data: Uint8Array | string): boolean;
  onMessage(listener: (data: Uint8Array, binary: boolean) => void): void;
  /** Stops and resumes the reading of messages. */
  hold(held: boolean): void;
  /** Called when what had piled up is gone. */
  onDrain(listener: () => void): void;
  onClose(listener: () => void): void;
  close(code: number, reason: string): void;
}

/** Takes the connection over, under one of the client's protocols ('' for none). */
export interface Upgrade {
  readonly protocol: string;
  run(socket: MessageSocket): void;
  /** The client is gone before `run` was called. */
  cancel?(): void;
}

/** Where a streamed answer goes. */
export interface BodySink {
  /**
   * False: the reader does not keep up and more has piled up than may wait. `traces`: of each line, where one is known.
   */
  write(bytes: Uint8Array, traces?: readonly (string | undefined)[]): boolean;
  end(): void;
  /** Breaks the answer off, so that its reader does not take it for whole. */
  abort(): void;
  /** More waits than a source should add to; `onDrain` tells when that is over. For sources that can be held back. */
  readonly full: boolean;
  onDrain(listener: () => void): void;
  /** Called once when the reader went away; at once if it already has. */
  onClose(listener: () => void): void;
}

/** Runs once the head of the answer is sent. */
export type BodyStream = (sink: BodySink) => void;

export interface ApiHttpResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  /** Bytes, several pieces in order, or a stream that lasts. */
  readonly body: Uint8Array | readonly Uint8Array[] | BodyStream;
  /** The connection becomes a WebSocket; status, headers and body then count for nothing. */
  readonly upgrade?: Upgrade | undefined;
}

/** An answer whose body is there as a whole. */
export interface WholeResponse extends ApiHttpResponse {
  readonly body: Uint8Array;
}

/** The one value of a header; the first of several. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}

/** All values of a header. */
export function headersOf(headers: Headers, name: string): readonly string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** UTF-8 bytes. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export const noBytes = new Uint8Array(0);

/** The connection becomes a WebSocket, or carries another protocol. */
export function upgraded(upgrade: Upgrade): ApiHttpResponse {
  return { status: 101, headers: {}, body: noBytes, upgrade };
}

export function textResponse(status: number, text: string): WholeResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: utf8(text),
  };
}

export function jsonResponse(status: number, value: unknown): WholeResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: utf8(JSON.stringify(value)) };
}

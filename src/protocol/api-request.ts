/** Requests, answers and streams at the NATS door. */

/**
 * A request at the NATS door (subject `troupe.<cluster>.api`), JSON or msgpack, told by its first byte and answered
 * alike. It says what an HTTP request says; docs/nats.md explains it to the authors of clients.
 */
export interface ApiRequest {
  readonly verb: ApiVerb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Instead of group to name: any path of the API, percent-encoded, such as `/version` or `/apis`. */
  readonly path?: string | undefined;
  /** The query parameters of HTTP, by name; a list where a parameter stands several times. */
  readonly query?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Of `body`; a patch's type is told by it. Default application/json. */
  readonly contentType?: string | undefined;
  readonly body?: unknown | undefined;
  /** The body follows in pieces and has this many bytes (for what does not fit into one message). */
  readonly uploadBytes?: number | undefined;
}

export const apiVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
export type ApiVerb = (typeof apiVerbs)[number];

/** The very status and body that HTTP gives. Status 100: the door takes the body on the message's reply subject. */
export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * One message of a stream (a watch, followed logs, exec, attach, port-forward), to the reply subject of the request.
 * `seq` counts from 1 without a gap; a message with nothing but `seq` is a heartbeat. Its reply subject is where the
 * client steers the stream.
 */
export interface StreamMessage {
  readonly seq: number;
  /** On the first message: the stream stands. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly event?: { readonly type: string; readonly object: unknown } | undefined;
  /** With an event: the request that caused it, where that is known (W3C trace context). */
  readonly traceparent?: string | undefined;
  /** Bytes of a channel: 1 standard output, 2 standard error, 3 how it ended (a Status); base64 in JSON. */
  readonly channel?: number | undefined;
  readonly data?: Uint8Array | string | undefined;
  /** The highest `seq` of the client's frames that was taken. */
  readonly acknowledged?: number | undefined;
  /** The last message of the stream. */
  readonly end?: boolean | undefined;
  /** Why it ended before its time, as a Status. */
  readonly error?: unknown | undefined;
  /** Of an ended watch: the last version that was sent, to watch on from. */
  readonly resourceVersion?: string | undefined;
}

/** What a client sends to a stream's reply subject. */
export interface ControlMessage {
  /** The highest `seq` that the client has dealt with. */
  readonly acknowledged?: number | undefined;
  /** The client wants no more. */
  readonly close?: boolean | undefined;
  /** Numbers the client's frames, from 1. */
  readonly seq?: number | undefined;
  /** A frame's channel: 0 standard input, 4 the terminal's size; for ports twice the port's place. */
  readonly channel?: number | undefined;
  readonly data?: Uint8Array | string | undefined;
  /** The channel ends. */
  readonly end?: boolean | undefined;
}

/** Headers of messages at the NATS door. */
export const doorHeaders = {
  /** On the first piece of what comes in pieces: how many there are. */
  chunks: 'Troupe-Chunks',
  /** On each piece: its number, from 0. */
  chunk: 'Troupe-Chunk',
  /**
   * On each piece, the same on all pieces of one message and on no others of the stream: after a loss none of two are
   * taken for one.
   */
  message: 'Troupe-Message',
  /** Messages that may be under way on a stream without an acknowledgement; absent: the client does not acknowledge. */
  window: 'Troupe-Window',
  /** How long the answer may take, in ms. */
  deadline: 'Troupe-Deadline-Ms',
  /** `<holder>/<epoch>` of an external controller: its writes count only while the epoch lasts. */
  epoch: 'Troupe-Epoch',
  /** W3C trace context, given back with the answer. */
  trace: 'traceparent',
} as const;

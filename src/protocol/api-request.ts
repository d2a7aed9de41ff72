/** A request at the NATS door (subject `troupe.<cluster>.api`), JSON or msgpack. Mirrors what an HTTP request says. */
export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'watch';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The query parameters of HTTP, by name. */
  readonly query?: Readonly<Record<string, string>>;
  /** Of `body`; a patch's type is told by it. Default application/json. */
  readonly contentType?: string;
  readonly body?: unknown;
}

/** The very status and body that HTTP gives. Bodies over the bus limit arrive in chunks: header `Troupe-Chunks: <count>` on the first. */
export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** One message of a watch stream, to the reply subject of the request. `seq` counts from 1; heartbeats carry no event. */
export interface WatchMessage {
  readonly seq: number;
  readonly event?: { readonly type: string; readonly object: unknown };
  /** Last message of the stream. */
  readonly end?: boolean;
}

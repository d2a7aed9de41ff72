/** One request and its answer, from client to pod and back. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { errorMessage } from '../../base/index.ts';
import { BackendCall } from './backend-call.ts';
import { type ClientFacts, headersByName, requestHeaders, responseHeaders } from './forwarded-headers.ts';
import { requestTarget, type RequestTarget } from './request-target.ts';
import { type ProxyState, recordOutcome } from './state.ts';

type ClientRequest = IncomingMessage | Http2ServerRequest;
type ClientResponse = ServerResponse | Http2ServerResponse;

const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/**
 * A short text for a status of the proxy's own. What went wrong behind it is for the log: clients learn no pod's
 * address.
 */
export const refusalText = (status: number, cause: string): string =>
  `${status} ${reasons[status] ?? ''}${status >= 502 ? '' : `: ${cause}`}\n`;

/** Serves one request: finds its backend, asks a pod, and passes the answer on as it comes. */
export function serveRequest(state: ProxyState, request: ClientRequest, response: ClientResponse): void {
  const exchange = new Exchange(state, request, response);
  exchange.begin();
}

class Exchange {
  readonly #state: ProxyState;
  readonly #request: ClientRequest;
  readonly #response: ClientResponse;
  readonly #startedMs: number;
  #backend: string | undefined;
  #call: BackendCall | undefined;
  #status = 0;
  #finished = false;
  #cause: string | undefined;

  constructor(state: ProxyState, request: ClientRequest, response: ClientResponse) {
    this.#state = state;
    this.#request = request;
    this.#response = response;
    this.#startedMs = state.clock.monotonic();
  }

  begin(): void {
    const request = this.#request;
    // Both end by 'close' below; without a listener an error would end the process.
    request.on('error', () => undefined);
    this.#response.on('error', () => undefined);
    this.#response.once('finish', () => {
      this.#finished = true;
    });
    this.#response.once('close', () => {
      this.#closed();
    });
    const { method = 'GET' } = request;
    const target = targetOf(request);
    if ('refused' in target) this.#refuse(400, target.refused);
    else if (method === 'TRACE' || method === 'CONNECT') this.#refuse(405, `${method} is not served`);
    else if (!framingIsPlain(request)) this.#refuse(501, 'an unknown Transfer-Encoding');
    else this.#forward(method, target);
  }

  #forward(method: string, target: RequestTarget): void {
    const state = this.#state;
    const request = this.#request;
    const backend = state.routes.find(target.host, target.path);
    if (backend === undefined) {
      this.#refuse(404, 'no ingress serves this host and path');
      return;
    }
    this.#backend = backend;
    const body = bodyOf(request);
    const headers = requestHeaders(
      request.rawHeaders,
      clientFacts(state, request, target.authority),
      body === 'chunked' ? ['Transfer-Encoding', 'chunked'] : [],
    );
    this.#call = new BackendCall(
      state,
      {
        backend,
        method,
        headers,
        url: target.url,
        repeatable: body === 'none' && repeatable.has(method),
        sendBody:
          body === 'none'
            ? undefined
            : (call) => {
                request.pipe(call);
                this.#followBody();
              },
      },
      {
        answered: (answer) => {
          this.#pass(answer);
        },
        failed: (status, cause) => {
          this.#refuse(status, cause);
        },
      },
    );
  }

  /** A pod may answer before it has the whole body; a client that leaves then shows it by its connection alone. */
  #followBody(): void {
    const request = this.#request;
    const gone = (): void => {
      this.#call?.cancel();
    };
    if ('stream' in request) {
      request.once('aborted', gone);
      return;
    }
    const { socket } = request;
    socket.once('close', gone);
    request.once('end', () => {
      socket.off('close', gone);
    });
  }

  /** Hands the answer on; the slower side holds the other one back. */
  #pass(answer: IncomingMessage): void {
    const response = this.#response;
    answer.once('error', () => {
      breakOff(response);
    });
    try {
      this.#writeHead(answer);
    } catch (error) {
      // Node takes less for an answer than it reads of one: fields that may stand once only in HTTP/2, odd letters.
      answer.destroy();
      this.#refuse(502, `the answer cannot be passed on (${errorMessage(error)})`);
      return;
    }
    answer.once('aborted', () => {
      breakOff(response);
    });
    answer.pipe(response as NodeJS.WritableStream);
  }

  #writeHead({ statusCode = 502, statusMessage = '', rawHeaders }: IncomingMessage): void {
    const response = this.#response;
    const headers = responseHeaders(rawHeaders);
    if (isHttp2(response)) response.writeHead(statusCode, headersByName(headers));
    else {
      if (this.#state.draining) headers.push('Connection', 'close');
      response.writeHead(statusCode, statusMessage, headers);
    }
    this.#status = statusCode;
  }

  /** An answer of the proxy's own. */
  #refuse(status: number, cause: string): void {
    const response = this.#response;
    if (isHttp2(response) ? response.stream.destroyed : response.destroyed) return;
    this.#status = status;
    this.#cause = cause;
    const text = refusalText(status, cause);
    const headers: Record<string, string> = {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
    };
    if (isHttp2(response)) response.writeHead(status, headers);
    // The rest of the request's body is not waited for.
    else
      response.writeHead(status, reasons[status] ?? '', {
        ...headers,
        ...(this.#state.draining || bodyOf(this.#request) !== 'none' ? { connection: 'close' } : {}),
      });
    response.end(text);
  }

  #closed(): void {
    const { method, url, socket } = this.#request;
    if (!this.#finished) this.#call?.cancel();
    // 499: the client left before there was an answer, as nginx calls it.
    const status = this.#status === 0 ? 499 : this.#status;
    recordOutcome(this.#state, { backend: this.#backend, status, startedMs: this.#startedMs }, () => ({
      method,
      url,
      host: this.#request.headers.host ?? this.#request.headers[':authority'],
      client: socket?.remoteAddress,
      cause: this.#cause,
    }));
  }
}

export function targetOf(request: ClientRequest): RequestTarget | { readonly refused: string } {
  const authority = request.headers[':authority'];
  return requestTarget({
    method: request.method,
    url: request.url,
    hosts: hostsOf(request.rawHeaders),
    authority: typeof authority === 'string' ? authority : undefined,
  });
}

/** All values of the Host field, of which Node shows the first. */
function hostsOf(raw: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') found.push(raw[i + 1] ?? '');
  }
  return found;
}

export function clientFacts(
  { ports }: ProxyState,
  { socket }: Pick<ClientRequest, 'socket'>,
  authority: string,
): ClientFacts {
  const scheme = 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
  const address = socket.remoteAddress ?? '';
  return {
    address: address.startsWith('::ffff:') ? address.slice(7) : address,
    scheme,
    port: ports[scheme],
    authority,
  };
}

/** Node's parser refuses a length beside chunks; any other encoding it would leave to the reader. */
function framingIsPlain(request: ClientRequest): boolean {
  const encoding = request.headers['transfer-encoding'];
  return encoding === undefined || encoding.toLowerCase() === 'chunked';
}

/** How the request's body is framed for the backend. */
export function bodyOf(request: ClientRequest): 'none' | 'sized' | 'chunked' {
  const length = request.headers['content-length'];
  if (length !== undefined) return length === '0' ? 'none' : 'sized';
  if ('stream' in request) return request.stream.endAfterHeaders ? 'none' : 'chunked';
  return request.headers['transfer-encoding'] === undefined ? 'none' : 'chunked';
}

const isHttp2 = (response: ClientResponse): response is Http2ServerResponse => 'stream' in response;

/** RFC 9113, section 7: INTERNAL_ERROR. */
const internalError = 2;

/** The client must see that the answer is not whole. */
function breakOff(response: ClientResponse): void {
  if (isHttp2(response)) response.stream.close(internalError);
  else response.destroy();
}

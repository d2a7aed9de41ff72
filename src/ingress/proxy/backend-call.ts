/** One request of the proxy to a pod. */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorMessage, type Timer } from '../../base/index.ts';
import type { PooledEndpoint } from './endpoints.ts';
import { attemptsMax, headBytesMax } from './limits.ts';
import { countRetry, type ProxyState } from './state.ts';

interface BackendRequest {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  /** Asking twice does no harm: it is asked again where the first time may have been heard. */
  readonly repeatable: boolean;
  /** Sends the body once a pod has taken the connection; absent: there is none. */
  readonly sendBody?: ((call: ClientRequest) => void) | undefined;
}

interface BackendListener {
  answered(answer: IncomingMessage): void;
  upgraded?(answer: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * No pod gave an answer. 502: none took the request or it broke off; 503: there is none; 504: it was silent for too
   * long.
   */
  failed(status: 502 | 503 | 504, cause: string): void;
}

/**
 * A request to one of a backend's pods. A pod that takes no connection has not heard of it, so the next one is asked,
 * whatever the method; once a pod may have seen it, only a repeatable request is sent again.
 */
export class BackendCall {
  readonly #state: ProxyState;
  readonly #request: BackendRequest;
  readonly #listener: BackendListener;
  readonly #tried: PooledEndpoint[] = [];
  #call: ClientRequest | undefined;
  #connecting: Timer | undefined;
  #connected = false;
  #attempts = 1;
  #settled = false;

  constructor(state: ProxyState, request: BackendRequest, listener: BackendListener) {
    this.#state = state;
    this.#request = request;
    this.#listener = listener;
    this.#attempt();
  }

  /** The client has gone. */
  cancel(): void {
    this.#settled = true;
    this.#connecting?.cancel();
    this.#call?.destroy();
  }

  #attempt(): void {
    const { backend, method, url, headers } = this.#request;
    const endpoint = this.#state.endpoints.pick(backend, this.#tried);
    if (endpoint === undefined) {
      const none = this.#tried.length === 0;
      this.#fail(none ? 503 : 502, none ? 'no endpoint is ready' : 'no endpoint took the request');
      return;
    }
    this.#tried.push(endpoint);
    this.#connected = false;
    let call: ClientRequest;
    try {
      call = httpRequest({
        agent: endpoint.agent,
        host: endpoint.host,
        port: endpoint.port,
        method,
        path: url,
        headers,
        setHost: false,
        maxHeaderSize: headBytesMax,
        timeout: this.#state.times.silenceMs,
      });
    } catch (error) {
      this.#fail(502, errorMessage(error));
      return;
    }
    this.#call = call;
    endpoint.active += 1;
    call.once('close', () => {
      endpoint.active -= 1;
    });
    call.once('socket', (socket: Socket) => {
      this.#follow(call, socket);
    });
    call.once('timeout', () => {
      this.#silent(call);
    });
    call.on('error', (error) => {
      this.#broken(endpoint, call, errorMessage(error));
    });
    call.once('response', (answer: IncomingMessage) => {
      this.#settle();
      this.#listener.answered(answer);
    });
    if (this.#listener.upgraded !== undefined)
      call.once('upgrade', (answer: IncomingMessage, socket: Duplex, head: Buffer) => {
        this.#settle();
        call.removeAllListeners('timeout');
        this.#listener.upgraded?.(answer, socket, head);
      });
    if (this.#request.sendBody === undefined) call.end();
    else call.flushHeaders();
  }

  #follow(call: ClientRequest, socket: Socket): void {
    const connected = (): void => {
      this.#connected = true;
      this.#connecting?.cancel();
      if (!this.#settled) this.#request.sendBody?.(call);
    };
    if (!socket.connecting) {
      connected();
      return;
    }
    this.#connecting = this.#state.timers.after(this.#state.times.connectMs, () => {
      call.destroy(new Error('no connection in time'));
    });
    socket.once('connect', connected);
  }

  /** Before an answer that is a failure; within one the answer breaks off. */
  #silent(call: ClientRequest): void {
    if (!this.#settled) this.#fail(504, 'no answer in time');
    call.destroy();
  }

  #broken(endpoint: PooledEndpoint, call: ClientRequest, cause: string): void {
    if (this.#settled || call !== this.#call) return;
    this.#connecting?.cancel();
    if (!this.#connected) this.#state.endpoints.avoid(endpoint);
    // A kept connection that had ended meanwhile says nothing of the pod: it may be asked again.
    else if (call.reusedSocket && this.#request.repeatable) this.#tried.pop();
    const askAgain = (!this.#connected || this.#request.repeatable) && this.#attempts < attemptsMax;
    if (!askAgain) {
      this.#fail(502, cause);
      return;
    }
    this.#attempts += 1;
    countRetry(this.#state, this.#request.backend);
    this.#attempt();
  }

  #settle(): void {
    this.#settled = true;
    this.#connecting?.cancel();
  }

  #fail(status: 502 | 503 | 504, cause: string): void {
    this.#settle();
    this.#listener.failed(status, cause);
  }
}

/** HTTP exchanges with backends in the cluster. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { errorMessage } from '../../base/index.ts';
import type { ApiHttpResponse, BodySink } from '../request.ts';
import { pageBody } from './page-stream.ts';
import { backendRequest, fieldsFrom, keepAliveMs } from './proxy-request.ts';
import { upgradeExchange } from './proxy-upgrade.ts';
import type { ProxyExchange, ProxyTarget } from '../streams/index.ts';

const answerMs = 30_000;
/** How long both sides may be silent in the middle of an answer: longer than any watch or poll is. */
const silentMs = 3_600_000;

/**
 * One HTTP exchange with a backend of the cluster; the answer is streamed. Certificates of backends are checked only
 * where `tls` says so, as in Kubernetes. The backend's connection goes with the client, and ends when nothing has come
 * over it for an hour.
 */
export const httpExchange: ProxyExchange = (target) =>
  target.upgrade === undefined ? plainExchange(target) : upgradeExchange(target, target.timeoutMs ?? answerMs);

const plainExchange: ProxyExchange = (target) =>
  new Promise((resolve, reject) => {
    const call = backendRequest(target);
    const settle = waitForHead(call, target);
    call.on('response', (answer) => {
      settle();
      keepAlive(answer.socket, target);
      resolve(answerOf(answer, target));
    });
    call.on('error', (error) => {
      settle();
      reject(new Error(errorMessage(error)));
    });
    call.end(target.body);
  });

/**
 * Ends the call when the head of its answer takes too long, however much of it trickles in, or the client goes. Answers
 * what ends the wait.
 */
function waitForHead(call: ClientRequest, { timeoutMs = answerMs, onGone }: ProxyTarget): () => void {
  const late = AbortSignal.timeout(timeoutMs);
  const giveUp = (): void => {
    call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
  };
  late.addEventListener('abort', giveUp);
  const stay = onGone?.(() => {
    call.destroy(new Error('the client is gone'));
  });
  return () => {
    late.removeEventListener('abort', giveUp);
    stay?.();
  };
}

/** An answer may be silent for long (a watch), but its backend's machine must still be there. */
function keepAlive(socket: Socket, { idleMs = silentMs }: ProxyTarget): void {
  socket.setKeepAlive(true, keepAliveMs);
  socket.setTimeout(idleMs, () => {
    socket.destroy(new Error(`nothing came for ${idleMs / 1000} s`));
  });
}

function answerOf(answer: IncomingMessage, { linksPrefix, method }: ProxyTarget): ApiHttpResponse {
  const moves = linksPrefix !== undefined && method !== 'HEAD';
  return {
    status: answer.statusCode ?? 502,
    headers: fieldsFrom(answer.headers),
    body: (sink) => {
      pipe(moves ? pageBody(answer, linksPrefix) : answer, sink);
    },
  };
}

function pipe(answer: Readable, sink: BodySink): void {
  answer.on('data', (chunk: Buffer) => {
    if (!sink.write(chunk)) answer.destroy();
    else if (sink.full) answer.pause();
  });
  sink.onDrain(() => {
    answer.resume();
  });
  answer.on('end', () => {
    sink.end();
  });
  answer.on('error', () => {
    sink.abort();
  });
  sink.onClose(() => {
    answer.destroy();
  });
}

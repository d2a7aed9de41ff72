/** HTTP exchanges with backends in the cluster. */
import type { Readable } from 'node:stream';
import { errorMessage } from '../../base/index.ts';
import type { ApiHttpResponse, BodySink } from '../request.ts';
import { backendRequest, fieldsFrom } from './proxy-request.ts';
import { upgradeExchange } from './proxy-upgrade.ts';
import type { ProxyExchange } from '../streams/index.ts';

const connectMs = 30_000;
const keepAliveMs = 30_000;

/**
 * One HTTP exchange with a backend of the cluster; the answer is streamed. Certificates of backends are checked only
 * where `tls` says so, as in Kubernetes.
 */
export const httpExchange: ProxyExchange = (target) =>
  target.upgrade === undefined ? plainExchange(target) : upgradeExchange(target, target.timeoutMs ?? connectMs);

const plainExchange: ProxyExchange = (target) =>
  new Promise((resolve, reject) => {
    const timeoutMs = target.timeoutMs ?? connectMs;
    const call = backendRequest(target);
    call.setTimeout(timeoutMs);
    call.on('response', (answer) => {
      call.setTimeout(0);
      // An answer may be silent for long (a watch), but its backend's machine must still be there.
      answer.socket.setKeepAlive(true, keepAliveMs);
      resolve({
        status: answer.statusCode ?? 502,
        headers: fieldsFrom(answer.headers),
        body: (sink) => {
          pipe(answer, sink);
        },
      } satisfies ApiHttpResponse);
    });
    call.on('timeout', () => {
      call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    });
    call.on('error', (error) => {
      reject(new Error(errorMessage(error)));
    });
    call.end(target.body);
  });

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

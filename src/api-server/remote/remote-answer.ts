/** The whole answer of a service outside, within a bound. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { limits } from '../../base/index.ts';
import { callFailureText } from './call-failure.ts';

export interface RemoteAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** The header Content-Type. */
  readonly contentType: string | undefined;
}

/**
 * Sends the body and gives the whole answer. Rejects when there is none in time, with Kubernetes' text, or a larger one
 * than a request may be.
 */
export function answerTo(call: ClientRequest, body: Uint8Array | undefined): Promise<RemoteAnswer> {
  return new Promise((resolve, reject) => {
    call.on('response', (answer) => {
      collect(answer).then(resolve, reject);
    });
    call.on('error', (error) => {
      reject(new Error(callFailureText(error), { cause: error }));
    });
    call.end(body);
  });
}

async function collect(answer: IncomingMessage): Promise<RemoteAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limits.requestBytesMax) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return {
    status: answer.statusCode ?? 0,
    body: Buffer.concat(chunks),
    contentType: answer.headers['content-type'],
  };
}

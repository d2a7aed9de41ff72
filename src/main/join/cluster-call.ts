import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { errorMessage } from '../../base/index.ts';
import { JoinProblem } from './checks.ts';

/** How a machine that is not in the cluster yet calls the API. */
export interface ClusterCaller {
  readonly host: string;
  readonly port: number;
  /** What is trusted; absent: the answer is judged by its content. */
  readonly ca?: string;
  readonly token?: string;
}

export interface ClusterAnswer {
  readonly status: number;
  /** The Date header. */
  readonly date: string | undefined;
  readonly body: unknown;
  /** The address of this machine that the call went out from. */
  readonly localAddress: string;
}

const timeoutMs = 10_000;

/** One call. Rejects with a JoinProblem when nobody answers in TLS. */
export function callCluster(
  caller: ClusterCaller,
  call: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
): Promise<ClusterAnswer> {
  const { host, port, ca, token } = caller;
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host,
        port,
        path: call.path,
        method: call.method,
        agent: false,
        timeout: timeoutMs,
        ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      },
      (response) => {
        const localAddress = (response.socket as TLSSocket).localAddress ?? '';
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            date: response.headers.date,
            body: parsed(Buffer.concat(chunks).toString()),
            localAddress,
          });
        });
      },
    );
    outgoing.on('timeout', () => {
      outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    });
    outgoing.on('error', (error) => {
      reject(
        new JoinProblem(
          `no member answers at ${host}:${port} (${errorMessage(error)}); check the address, that the member runs (\`troupe status\` there) and that no firewall stands between`,
        ),
      );
    });
    outgoing.end(payload);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Not from the API; whoever asked says what it wanted.
  }
}

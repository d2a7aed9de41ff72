/** Calls of the API by a machine that is not in the cluster yet. */
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { errorMessage } from '../../base/index.ts';
import { JoinProblem } from './checks.ts';

export interface ClusterCaller {
  readonly host: string;
  readonly port: number;
  /** The authority to trust; absent: the caller checks the content of the answer. */
  readonly ca?: string | undefined;
  readonly token?: string | undefined;
}

export interface ClusterAnswer {
  readonly status: number;
  /** The Date header. */
  readonly date: string | undefined;
  readonly body: unknown;
  /** This machine's address in the connection. */
  readonly localAddress: string;
}

const timeoutMs = 10_000;

interface ClusterCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** Rejects with a JoinProblem when nobody answers in TLS. */
export function callCluster(caller: ClusterCaller, call: ClusterCall): Promise<ClusterAnswer> {
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
          `no member answers at ${host}:${port} (${errorMessage(error)}); ` +
            'check the address, that the member runs (`troupe status` there) and that no firewall blocks the port',
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
    return text; // Not from the API; the caller reports it.
  }
}

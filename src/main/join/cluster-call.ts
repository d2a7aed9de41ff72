/** Calls of the API by a machine that is not in the cluster yet. */
import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { errorMessage, joinHostPort } from '../../base/index.ts';
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
  const { host, port } = caller;
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  return new Promise((resolve, reject) => {
    const outgoing = request(requestOptions(caller, call, payload), (response) => {
      readAnswer(response).then(resolve, reject);
    });
    outgoing.on('timeout', () => {
      outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    });
    outgoing.on('error', (error) => {
      reject(
        new JoinProblem(
          `no member answers at ${joinHostPort(host, port)} (${errorMessage(error)}); ` +
            'check the address, that the member runs (`troupe status` there) and that no firewall blocks the port',
        ),
      );
    });
    outgoing.end(payload);
  });
}

function requestOptions(
  { host, port, ca, token }: ClusterCaller,
  { method, path }: ClusterCall,
  payload: string | undefined,
): RequestOptions {
  const headers: Record<string, string | number> = { accept: 'application/json' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (payload !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(payload);
  }
  const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
  return { host, port, path, method, agent: false, timeout: timeoutMs, headers, ...trust };
}

async function readAnswer(response: IncomingMessage): Promise<ClusterAnswer> {
  const localAddress = (response.socket as TLSSocket).localAddress ?? '';
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    date: response.headers.date,
    body: parsed(Buffer.concat(chunks).toString()),
    localAddress,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Not from the API; the caller reports it.
  }
}

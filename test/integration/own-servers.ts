import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeAuthority, makeLeaf } from '../../src/main/keys/certificate-authority.ts';
import { machineAddresses } from '../../src/main/keys/pki.ts';
import type { Cluster, Result } from './cluster.ts';

/** Runs kubectl while the test's own servers go on answering. */
export function kubectl(cluster: Cluster, args: readonly string[], input = ''): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', ['--kubeconfig', cluster.kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status: status ?? 1, stdout, stderr });
    });
    child.stdin.end(input);
  });
}

/** Like `kubectl`, but a failure is thrown with what it said. */
export async function must(cluster: Cluster, args: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await kubectl(cluster, args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

export const apply = (cluster: Cluster, object: object, ...args: string[]): Promise<string> =>
  must(cluster, ['apply', '-f', '-', ...args], JSON.stringify(object));

export interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

export interface OwnServer {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  /** PEM, in base64: as caBundle has it. */
  readonly caBundle: string;
  close(): Promise<void>;
}

/** An address of this machine that endpoints may have. */
export const ownAddress = (): string => machineAddresses()[0] ?? '127.0.0.1';

/** An HTTPS server of the test's own, under these names. `clientCa`: asks for a certificate by that authority. */
export async function ownServer(
  names: readonly string[],
  answer: (request: IncomingMessage, body: string) => Answer,
  clientCa?: string,
): Promise<OwnServer> {
  const now = Date.now();
  const authority = await makeAuthority('own', { now, days: 1 });
  const { certificate, key } = await makeLeaf(authority, {
    subject: `CN=${names[0] ?? 'own'}`,
    usage: 'server',
    hosts: names,
    now,
    days: 1,
  });
  const server = createServer(
    {
      cert: certificate,
      key,
      ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
    },
    (incoming, outgoing) => {
      let body = '';
      incoming
        .setEncoding('utf8')
        .on('data', (text: string) => {
          body += text;
        })
        .on('end', () => {
          const { status = 200, body: value } = answer(incoming, body);
          outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
        });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '0.0.0.0', resolve);
  });
  return {
    server,
    host: ownAddress(),
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A kubelet's port, for scrapers that ask a node itself: the API judges their tokens and rights. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { type SubjectAccessReview, type TokenReview, type UserInfo } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timers, tlsCiphers } from '../../base/index.ts';
import { kubeletSubresource } from '../../protocol/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import type { KubeletAnswer, KubeletPaths } from './kubelet-paths.ts';

/** A certificate and its key, both PEM; the certificate may be a chain. */
export interface PortCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface KubeletPortOptions {
  readonly node: string;
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  /** Makes a certificate for the port; called at the start, and again long before the one before ends. */
  readonly certificate: () => Promise<PortCertificate>;
  readonly paths: KubeletPaths;
  readonly client: Pick<ResourceClient, 'create'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly timers: Timers;
  readonly log: Logger;
}

interface KubeletPort {
  readonly port: number;
  close(): Promise<void>;
}

/** A judgement of the API holds for so long: a token that was revoked is refused after it. */
const judgedMs = 10_000;
const judgementsMax = 1_000;
const connectionsMax = 100;
const requestMs = 30_000;
const dayMs = 24 * 60 * 60_000;
/** Days until the certificate is replaced. */
const renewalDays = 180;

const tokenReviews = { group: 'authentication.k8s.io', resource: 'tokenreviews' } as const;
const accessReviews = { group: 'authorization.k8s.io', resource: 'subjectaccessreviews' } as const;

/**
 * Opens the port. As with a kubelet that delegates (`authentication.webhook`, `authorization.mode: Webhook`) nobody is
 * anonymous, a bearer token is reviewed by the API, and so is the right to the path: the subresource of nodes that is
 * enough for it, else `nodes/proxy`. It is only read from. Rejects when the address is taken.
 */
export async function openKubeletPort(options: KubeletPortOptions): Promise<KubeletPort> {
  const { certificate, timers, log, address, port } = options;
  const judge = new Judge(options);
  const { certificate: cert, key } = await certificate();
  const server = createServer({ cert, key, minVersion: 'TLSv1.2', ciphers: tlsCiphers, maxHeaderSize: 16 * 1024 });
  server.maxConnections = connectionsMax;
  server.requestTimeout = requestMs;
  server.headersTimeout = requestMs / 2;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(options, judge, { request, response });
  });
  await listening(server, { address, port });
  let days = 0;
  const renewing = timers.every(dayMs, () => {
    days += 1;
    if (days % renewalDays !== 0) return;
    certificate().then(
      (fresh) => {
        server.setSecureContext({
          cert: fresh.certificate,
          key: fresh.key,
          minVersion: 'TLSv1.2',
          ciphers: tlsCiphers,
        });
      },
      (error: unknown) => {
        log.warn('the certificate of the kubelet port was not replaced', { error: errorMessage(error) });
      },
    );
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () => {
      renewing.cancel();
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function listening(server: Server, at: { readonly address: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer({ paths, log, node }: KubeletPortOptions, judge: Judge, { request, response }: Exchange) {
  const target = request.url ?? '/';
  let found: KubeletAnswer;
  try {
    found =
      (await judge.refusal(request)) ?? (isRead(request) ? await paths(target) : plain(405, 'Method Not Allowed'));
  } catch (error) {
    log.debug('an answer of the kubelet port failed', { node, path: target, error: errorMessage(error) });
    found = plain(503, errorMessage(error));
  }
  response.writeHead(found.status, found.headers);
  if (request.method === 'HEAD' || typeof found.body === 'string')
    response.end(request.method === 'HEAD' ? undefined : found.body);
  // Who reads on after a failure gets a broken connection: the head has left.
  else pipeline(Readable.from(found.body), response, () => undefined);
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const plain = (status: number, text: string): KubeletAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${text}\n`,
});

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Who may ask for what, as the API says. What it said holds for a while. */
class Judge {
  readonly #options: KubeletPortOptions;
  /** By what was asked, hashed where a token is in it. */
  readonly #judged = new Map<string, { readonly until: number; readonly found: Promise<unknown> }>();

  constructor(options: KubeletPortOptions) {
    this.#options = options;
  }

  /** Why the request is not answered; undefined: it may be. */
  async refusal(request: IncomingMessage): Promise<KubeletAnswer | undefined> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = token === undefined ? undefined : await this.#userOf(token);
    if (user === undefined) return plain(401, 'Unauthorized');
    const verb = verbs[request.method ?? ''] ?? '';
    const first = /^\/([^/?]*)/.exec(request.url ?? '')?.[1] ?? '';
    for (const subresource of [kubeletSubresource(first), 'proxy'])
      if (subresource !== undefined && (await this.#mayDo(user, verb, subresource))) return undefined;
    const right = `verb=${verb}, resource=nodes, subresource=${kubeletSubresource(first) ?? 'proxy'}`;
    return plain(403, `Forbidden (user=${user.username ?? ''}, ${right})`);
  }

  #userOf(token: string): Promise<UserInfo | undefined> {
    const hash = createHash('sha256').update(token).digest('base64');
    return this.#once(`token ${hash}`, async () => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
      const { object } = await this.#options.client.create<TokenReview>(tokenReviews, body);
      return object.status.authenticated === true ? object.status.user : undefined;
    });
  }

  #mayDo(user: UserInfo, verb: string, subresource: string): Promise<boolean> {
    const { username, uid, groups, extra } = user;
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: this.#options.node };
    const spec = { user: username, uid, groups, extra, resourceAttributes };
    return this.#once(`access ${JSON.stringify(spec)}`, async () => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
      const { object } = await this.#options.client.create<SubjectAccessReview>(accessReviews, body);
      return object.status.allowed;
    });
  }

  /** A failure is not remembered. */
  #once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#options.clock.monotonic();
    const known = this.#judged.get(question);
    if (known !== undefined && known.until > now) return known.found as Promise<T>;
    if (this.#judged.size >= judgementsMax) this.#judged.clear();
    const found = ask();
    this.#judged.set(question, { until: now + judgedMs, found });
    found.catch(() => {
      this.#judged.delete(question);
    });
    return found;
  }
}

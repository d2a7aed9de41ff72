/** The handler of both doors over a fake service and a fake view, without sockets. */
import { generateKeyPairSync } from 'node:crypto';
import { type ActorNode, type ActorSystem, createActorSystem } from '../../actors/index.ts';
import { seededRandom, silentLogger, silentMetrics } from '../../base/index.ts';
import { type Bus, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import type { Requester } from '../../resources/index.ts';
import type { Store } from '../../state/index.ts';
import { startReporter, startSupervision, type Supervision } from '../../supervision/index.ts';
import { createAccess } from '../access.ts';
import { apiHandler, authenticationOf } from '../api-handler.ts';
import { type Authenticator, tokenHash } from '../auth/index.ts';
import { createCredentials, type Credentials } from '../credentials.ts';
import type { ApiHandler } from '../handler.ts';
import { type ApiHttpRequest, type ApiHttpResponse, noBytes, utf8 } from '../request.ts';
import type { ApiServerOptions } from '../server-options.ts';
import { FakeService } from './fake-service.ts';
import { FakeView } from './fake-view.ts';
import { HandTime } from './hand-time.ts';

interface AskOptions {
  /** admin (the default), alice, bob, anonymous, or a token. */
  readonly user?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** In the token's place. */
  readonly certificate?: ApiHttpRequest['certificate'];
  readonly upgrade?: ApiHttpRequest['upgrade'];
}

export interface DoorHarness {
  readonly handler: ApiHandler;
  readonly authenticate: Authenticator;
  readonly service: FakeService;
  readonly view: FakeView;
  readonly credentials: Credentials;
  readonly time: HandTime;
  readonly bus: Bus;
  readonly network: SimulatedNetwork;
  readonly system: ActorSystem;
  ask(method: string, url: string, more?: AskOptions): Promise<ApiHttpResponse>;
}

const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const groupsOfUsers = {
  admin: ['system:masters'],
  alice: ['dev-team'],
  bob: ['ops-team'],
  'system:node:n1': ['system:nodes'],
};
/** By the hash of their token, `<name>-token`. */
const users = new Map<string, Requester>(
  Object.entries(groupsOfUsers).map(([name, groups]) => [tokenHash(`${name}-token`), { name, groups }]),
);

export function startDoor(
  more: Partial<ApiServerOptions> = {},
  ports: Partial<ApiServerOptions['ports']> = {},
): DoorHarness {
  const service = new FakeService();
  const view = new FakeView();
  const time = new HandTime();
  const network = instantNetwork();
  const bus = network.client('door');
  const { clock, timers } = time;
  const [log, metrics] = [silentLogger, silentMetrics];
  const system = createActorSystem({ name: 'door', clock, timers, log, metrics });
  const random = seededRandom(1);
  const credentials = credentialsOf(view, time);
  const options: ApiServerOptions = {
    service,
    view,
    bus,
    store: { status: () => ({ role: 'leader' }) } as unknown as Store,
    cluster: 'test',
    clock,
    timers,
    random,
    log,
    metrics,
    credentials,
    access: createAccess(view),
    staticTokens: users,
    tls: { certificate: '', key: '', clientCa: '' },
    listen: { host: '127.0.0.1', port: 0 },
    ...more,
    version: { gitVersion: 'v1.33.0+test', gitCommit: '', buildDate: '', runtime: '', platform: '' },
    ports: {
      supervision: supervisionOf({ bus, view, time, system }),
      tree: () => bareRoot,
      healthChecks: [{ name: 'ping', check: () => undefined }],
      renderMetrics: () => '',
      ...ports,
    },
  };
  const authentication = authenticationOf(options);
  const handler = apiHandler(options, () => 'https://127.0.0.1:6443', authentication);
  const ask: DoorHarness['ask'] = (method, url, asked = {}) => handler(requestOf(method, url, asked));
  const { authenticate } = authentication;
  return { handler, authenticate, service, view, credentials, time, bus, network, system, ask };
}

/** Delivers at once; what should come later never does. */
function instantNetwork(): SimulatedNetwork {
  return new SimulatedNetwork({
    after: (ms, call) => {
      if (ms === 0) queueMicrotask(call);
      return { cancel: () => undefined };
    },
    every: () => ({ cancel: () => undefined }),
  });
}

function credentialsOf(view: FakeView, { clock }: HandTime): Credentials {
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  return createCredentials({ signing: { privateKey }, issuer, view, clock, random: seededRandom(1) });
}

interface SupervisionParts {
  readonly bus: Bus;
  readonly view: FakeView;
  readonly time: HandTime;
  readonly system: ActorSystem;
}

function supervisionOf({ bus, view, time: { clock, timers }, system }: SupervisionParts): Supervision {
  const common = { bus, subjects: subjectsOf('test'), clock, timers, process: 'door' };
  const reporter = startReporter({
    ...common,
    role: 'member',
    system,
    figures: () => ({ residentBytes: 1, heapBytes: 1, cpuSeconds: 0, loopLagMs: 0 }),
  });
  return startSupervision({ ...common, reporter, view, log: silentLogger, metrics: silentMetrics });
}

const bareRoot: ActorNode = {
  address: '',
  name: 'root',
  state: 'running',
  restarts: 0,
  mailbox: 0,
  oldestMs: 0,
  handled: 0,
  perSecond: 0,
  busyMs: 0,
  turnMs: 0,
  dropped: 0,
  refused: 0,
  coalesced: 0,
  children: [],
};

function requestOf(method: string, url: string, asked: AskOptions): ApiHttpRequest {
  const { user = 'admin', headers = {}, body, upgrade, certificate } = asked;
  const [path = '', query = ''] = url.split('?');
  const token = user.includes('.') ? user : `${user}-token`;
  return {
    method,
    path,
    query,
    body: bytesOf(body),
    headers: {
      'user-agent': 'test/1',
      authorization: user === 'anonymous' || certificate !== undefined ? undefined : `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    certificate,
    upgrade,
  };
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return noBytes;
  if (body instanceof Uint8Array) return body;
  return utf8(typeof body === 'string' ? body : JSON.stringify(body));
}

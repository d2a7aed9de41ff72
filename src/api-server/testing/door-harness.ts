import { generateKeyPairSync } from 'node:crypto';
import { type ActorSystem, createActorSystem } from '../../actors/index.ts';
import type { KubeObject } from '../../api/index.ts';
import { seededRandom, silentLogger, silentMetrics, type Timer } from '../../base/index.ts';
import { type Bus, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import {
  builtInCatalogue,
  factsOf,
  type FactsQuery,
  type ListOptions,
  type ObjectFacts,
  type ResourceService,
  type ResourceView,
  type Target,
  type UserInfo,
  type WatchOptions,
  type WatchSink,
} from '../../resources/index.ts';
import type { Store, StoredRecord } from '../../state/index.ts';
import { startReporter, startSupervision } from '../../supervision/index.ts';
import { createAccess, createCredentials, type Credentials } from '../access.ts';
import { tokenHash } from '../auth/index.ts';
import type { ApiHandler } from '../handler.ts';
import type { StoreOperator } from '../paths/index.ts';
import { type ApiHttpRequest, type ApiHttpResponse, type BodySink, noBytes, textOf, utf8 } from '../request.ts';
import { apiHandler, type ApiServerOptions } from '../server.ts';

/** Time that moves by hand. */
export class HandTime {
  ms = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ at: number; every: number | undefined; call: () => void }>();
  readonly clock = { now: () => this.ms, monotonic: () => this.ms };
  readonly timers = {
    after: (delayMs: number, call: () => void): Timer => this.#add(delayMs, undefined, call),
    every: (periodMs: number, call: () => void): Timer => this.#add(periodMs, periodMs, call),
  };
  #add(delayMs: number, every: number | undefined, call: () => void): Timer {
    const timer = { at: this.ms + delayMs, every, call };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
  }
  pass(ms: number): void {
    this.ms += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.ms) continue;
      if (timer.every === undefined) this.#timers.delete(timer);
      else timer.at = this.ms + timer.every;
      timer.call();
    }
  }
}

/**
 * A service that remembers what it was asked and answers from a few records: the doors are tested without the write
 * path.
 */
export class FakeService implements ResourceService {
  readonly catalogue = builtInCatalogue;
  readonly records = new Map<string, StoredRecord>();
  readonly calls: { readonly verb: string; readonly target: Target; readonly details: unknown }[] = [];
  sink: WatchSink | undefined;
  watchClosed = false;
  revision = 10;

  put(object: KubeObject): StoredRecord {
    this.revision += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.revision) } };
    const bytes = utf8(JSON.stringify(stored));
    const { namespace = '', name = '', uid = '' } = object.metadata;
    const index = { uid, labels: {}, fields: { 'metadata.name': name, 'metadata.namespace': namespace }, owners: [] };
    const record = {
      key: `/${namespace}/${name}`,
      revision: this.revision,
      createRevision: this.revision,
      bytes,
      index,
      object: <T>() => stored as T,
    } as unknown as StoredRecord;
    this.records.set(record.key, record);
    return record;
  }
  #note(verb: string, target: Target, details: unknown): void {
    this.calls.push({ verb, target, details });
  }
  #found(target: Target): StoredRecord {
    const record = this.records.get(`/${target.namespace ?? ''}/${target.name}`);
    if (record === undefined) throw new Error(`no record ${target.name}`);
    return record;
  }
  get: ResourceService['get'] = async (target, options) => {
    this.#note('get', target, options);
    return Promise.resolve(this.#found(target));
  };
  list = async (target: Target, options: ListOptions): Promise<{ records: StoredRecord[]; revision: never }> => {
    this.#note('list', target, options);
    return Promise.resolve({ records: [...this.records.values()], revision: this.revision as never });
  };
  watch = async (target: Target, options: WatchOptions, sink: WatchSink): Promise<{ close(): void }> => {
    this.#note('watch', target, options);
    this.sink = sink;
    return Promise.resolve({
      close: () => {
        this.watchClosed = true;
      },
    });
  };
  create: ResourceService['create'] = async (target, body, context) => {
    this.#note('create', target, { body: textOf(body.bytes), context });
    const record = this.put(JSON.parse(textOf(body.bytes)) as KubeObject);
    return Promise.resolve({ object: record.object<KubeObject>(), record, created: true });
  };
  update: ResourceService['update'] = async (target, body, context) => {
    this.#note('update', target, context);
    const record = this.put(JSON.parse(textOf(body.bytes)) as KubeObject);
    return Promise.resolve({ object: record.object<KubeObject>(), record, created: false });
  };
  patch: ResourceService['patch'] = async (target, body, context) => {
    this.#note('patch', target, { contentType: body.contentType, context });
    const record = this.#found(target);
    return Promise.resolve({ object: record.object<KubeObject>(), record, created: false });
  };
  delete: ResourceService['delete'] = async (target, options, context) => {
    this.#note('delete', target, { options, context });
    const record = this.#found(target);
    return Promise.resolve({ type: 'deleted', object: record.object<KubeObject>(), record });
  };
  fenced(): this {
    return this;
  }
  deleteCollection: ResourceService['deleteCollection'] = async (target, list, options) => {
    this.#note('deletecollection', target, { list, options });
    return Promise.resolve({ records: [...this.records.values()], revision: this.revision as never });
  };
  connect: ResourceService['connect'] = async (target, options) => {
    this.#note('connect', target, options);
    return Promise.resolve(options);
  };
}

/** Objects that authorisation and the streams look up. */
export class FakeView implements ResourceView {
  readonly objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<Parameters<ResourceView['onChange']>[0]>();
  #key(
    resource: { readonly group: string; readonly resource: string },
    namespace: string | undefined,
    name: string,
  ): string {
    return `${resource.group}/${resource.resource}/${namespace ?? ''}/${name}`;
  }
  put(group: string, resource: string, object: KubeObject): void {
    const key = this.#key({ group, resource }, object.metadata.namespace, object.metadata.name ?? '');
    const previous = this.objects.get(key);
    this.objects.set(key, object);
    for (const listener of this.#listeners)
      listener({ type: 'put', resource: { group, resource }, object, ...(previous === undefined ? {} : { previous }) });
  }
  get<T>(
    resource: { readonly group: string; readonly resource: string },
    namespace: string | undefined,
    name: string,
  ): T | undefined {
    return this.objects.get(this.#key(resource, namespace, name)) as T | undefined;
  }
  list<T>(resource: { readonly group: string; readonly resource: string }, namespace?: string): readonly T[] {
    const prefix = `${resource.group}/${resource.resource}/${namespace === undefined ? '' : `${namespace}/`}`;
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object as T);
  }
  facts<T>(
    resource: { readonly group: string; readonly resource: string },
    query: FactsQuery = {},
  ): readonly ObjectFacts<T>[] {
    return factsOf(resource, this.list<T>(resource, query.namespace), query);
  }
  ownedBy<T>(): readonly T[] {
    return [];
  }
  onChange(listener: Parameters<ResourceView['onChange']>[0]): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
  async synced(): Promise<void> {
    await Promise.resolve();
  }
}

export interface DoorHarness {
  readonly handler: ApiHandler;
  readonly service: FakeService;
  readonly view: FakeView;
  readonly credentials: Credentials;
  readonly time: HandTime;
  readonly bus: Bus;
  readonly network: SimulatedNetwork;
  readonly system: ActorSystem;
  /** Asks as `user` (admin, alice, bob, or `anonymous`). */
  ask(
    method: string,
    url: string,
    more?: {
      readonly user?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly body?: unknown;
      readonly upgrade?: ApiHttpRequest['upgrade'] | undefined;
    },
  ): Promise<ApiHttpResponse>;
}

const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const users: readonly (readonly [string, UserInfo])[] = [
  ['admin', ['system:masters']],
  ['alice', ['dev-team']],
  ['bob', ['ops-team']],
].map(([name, groups]) => [tokenHash(`${String(name)}-token`), { name: String(name), groups: groups as string[] }]);

/** The handler of both doors over a fake service, without sockets. */
export function startDoor(
  more: Partial<ApiServerOptions> = {},
  ports: { readonly storeOperator?: StoreOperator | undefined } = {},
): DoorHarness {
  const service = new FakeService();
  const view = new FakeView();
  const time = new HandTime();
  const network = new SimulatedNetwork({
    after: (ms, call) => {
      if (ms === 0) queueMicrotask(call);
      return { cancel: () => undefined };
    },
    every: () => ({ cancel: () => undefined }),
  });
  const bus = network.client('door');
  const random = seededRandom(1);
  const credentials = createCredentials({
    signing: { privateKey },
    issuer: 'https://kubernetes.default.svc.cluster.local',
    view,
    clock: time.clock,
    random,
  });
  const store = { status: () => ({ role: 'leader' }) } as unknown as Store;
  const system = createActorSystem({
    name: 'door',
    clock: time.clock,
    timers: time.timers,
    log: silentLogger,
    metrics: silentMetrics,
  });
  const common = { bus, subjects: subjectsOf('test'), clock: time.clock, timers: time.timers, process: 'door' };
  const reporter = startReporter({
    ...common,
    role: 'member',
    system,
    figures: () => ({ residentBytes: 1, heapBytes: 1, cpuSeconds: 0, loopLagMs: 0 }),
  });
  const supervision = startSupervision({ ...common, reporter, view, log: silentLogger, metrics: silentMetrics });
  const handler = apiHandler(
    {
      service,
      view,
      bus,
      store,
      cluster: 'test',
      clock: time.clock,
      timers: time.timers,
      random,
      log: silentLogger,
      metrics: silentMetrics,
      credentials,
      access: createAccess(view),
      staticTokens: new Map(users),
      tls: { certificate: '', key: '', clientCa: '' },
      listen: { host: '127.0.0.1', port: 0 },
      ...more,
      version: { gitVersion: 'v1.33.0+test', gitCommit: '', buildDate: '', runtime: '', platform: '' },
      ports: {
        supervision,
        tree: () => ({
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
        }),
        healthChecks: [{ name: 'ping', check: () => undefined }],
        renderMetrics: () => '',
        ...ports,
      },
    },
    () => 'https://127.0.0.1:6443',
  );
  const ask: DoorHarness['ask'] = async (method, url, { user = 'admin', headers = {}, body, upgrade } = {}) => {
    const [path = '', query = ''] = url.split('?');
    const bytes =
      body === undefined
        ? noBytes
        : body instanceof Uint8Array
          ? body
          : utf8(typeof body === 'string' ? body : JSON.stringify(body));
    const authorization =
      user === 'anonymous' ? {} : { authorization: `Bearer ${user.includes('.') ? user : `${user}-token`}` };
    return await handler({
      method,
      path,
      query,
      body: bytes,
      headers: {
        'user-agent': 'test/1',
        ...authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(upgrade === undefined ? {} : { upgrade }),
    });
  };
  return { handler, service, view, credentials, time, bus, network, system, ask };
}

/** The text of an answer that is no stream. */
export function bodyText(response: ApiHttpResponse): string {
  if (typeof response.body === 'function') throw new Error('the answer is a stream');
  return response.body instanceof Uint8Array ? textOf(response.body) : response.body.map(textOf).join('');
}

export function bodyJson(response: ApiHttpResponse): Record<string, unknown> {
  return JSON.parse(bodyText(response)) as Record<string, unknown>;
}

/** Collects what a stream writes. */
export class CollectingSink implements BodySink {
  text = '';
  ended = false;
  full = false;
  slow = false;
  readonly #closed: (() => void)[] = [];
  write(bytes: Uint8Array): boolean {
    this.text += textOf(bytes);
    return !this.slow;
  }
  end(): void {
    this.ended = true;
  }
  onDrain(): void {
    // Never full, so never drained.
  }
  onClose(listener: () => void): void {
    this.#closed.push(listener);
  }
  close(): void {
    for (const listener of this.#closed) listener();
  }
}

/** Starts a streamed answer. */
export function streamOf(response: ApiHttpResponse): CollectingSink {
  const sink = new CollectingSink();
  if (typeof response.body !== 'function') throw new Error('the answer is no stream');
  response.body(sink);
  return sink;
}

export const configMap = (name: string, namespace = 'default'): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace, uid: `uid-${name}` },
  data: { k: 'v' },
});

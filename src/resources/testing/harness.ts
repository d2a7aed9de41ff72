import { type JsonObject, type KubeObject, StatusError } from '../../api/index.ts';
import { seededRandom, silentLogger, silentMetrics, type Timer } from '../../base/index.ts';
import type { ResourceCatalogue } from '../catalogue.ts';
import { createResourceService, type MemberService } from '../resource-service.ts';
import type {
  ListResult,
  ResourceService,
  Target,
  RecordEvent,
  WatchOptions,
  WriteContext,
  WriteResult,
} from '../service.ts';
import type { ServiceDependencies } from '../ports.ts';
import { MemoryStore } from './memory-store.ts';

interface Alarm {
  at: number;
  readonly everyMs: number | undefined;
  readonly call: () => void;
}

/** Timers that fire when the test lets time pass. */
class ManualTimers {
  readonly #alarms = new Set<Alarm>();
  #now = 0;

  after(delayMs: number, call: () => void): Timer {
    return this.#set({ at: this.#now + delayMs, everyMs: undefined, call });
  }

  every(periodMs: number, call: () => void): Timer {
    return this.#set({ at: this.#now + periodMs, everyMs: periodMs, call });
  }

  #set(alarm: Alarm): Timer {
    this.#alarms.add(alarm);
    return {
      cancel: () => {
        this.#alarms.delete(alarm);
      },
    };
  }

  /** Lets time pass, and everything that waits for no timer happen. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const [next] = [...this.#alarms].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.everyMs === undefined) this.#alarms.delete(next);
      else next.at += next.everyMs;
      next.call();
    }
    this.#now = end;
    await settled();
  }
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

export interface Harness {
  readonly store: MemoryStore;
  readonly timers: ManualTimers;
  readonly service: MemberService;
  readonly warnings: string[];
  now: number;
  /** Resolves with the object, or with the Status of the failure. */
  post(path: string, object: unknown, more?: Partial<WriteContext>): Promise<KubeObject>;
  put(path: string, object: unknown, more?: Partial<WriteContext>): Promise<KubeObject>;
  patch(
    path: string,
    type: 'json' | 'merge' | 'strategic' | 'apply',
    patch: unknown,
    more?: Partial<WriteContext & { force: boolean }>,
  ): Promise<KubeObject>;
  get(path: string): Promise<KubeObject>;
  remove(
    path: string,
    options?: Parameters<ResourceService['delete']>[1],
    more?: Partial<WriteContext>,
  ): Promise<KubeObject>;
  list(
    path: string,
    options?: Parameters<ResourceService['list']>[1],
  ): Promise<{ names: string[]; continue?: string; remaining?: number; revision: number }>;
  watch(path: string, options?: WatchOptions): Promise<{ events: RecordEvent[]; seen(): string[]; close(): void }>;
  target(path: string): Target;
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** `/api/v1/namespaces/default/pods/p/status` as a target. */
function targetAt(path: string, catalogue: ResourceCatalogue): Target {
  const [first, ...rest] = path.split('/').filter((part) => part !== '');
  const [group, version, parts] =
    first === 'api' ? ['', rest[0] ?? '', rest.slice(1)] : [rest[0] ?? '', rest[1] ?? '', rest.slice(2)];
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !['finalize', 'status'].includes(parts[2] ?? '');
  const [resource = '', name = '', subresource = ''] = inNamespace ? parts.slice(2) : parts;
  const info = catalogue.find(group, version, resource);
  if (info === undefined) throw new Error(`no resource at ${path}`);
  return { info, namespace: inNamespace ? parts[1] : undefined, name, subresource };
}

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

async function shown(answer: Promise<WriteResult | KubeObject>): Promise<KubeObject> {
  try {
    const value = await answer;
    return 'object' in value && typeof value.object === 'object' ? (value.object as KubeObject) : (value as KubeObject);
  } catch (error) {
    if (error instanceof StatusError) return error.body() as unknown as KubeObject;
    throw error;
  }
}

function listed({ records, revision, remaining, continue: token }: ListResult): Awaited<ReturnType<Harness['list']>> {
  return {
    names: records.map((record) => record.object<KubeObject>().metadata.name ?? ''),
    revision,
    ...(remaining === undefined ? {} : { remaining }),
    ...(token === undefined ? {} : { continue: token }),
  };
}

/** A write path over a store in memory, with the namespace default and its service account. */
export async function startHarness(more: Partial<ServiceDependencies> = {}): Promise<Harness> {
  const store = new MemoryStore();
  const timers = new ManualTimers();
  const warnings: string[] = [];
  const clock = { now: () => harness.now, monotonic: () => harness.now };
  const service = createResourceService({
    store,
    clock,
    timers,
    random: seededRandom(7),
    log: silentLogger,
    metrics: silentMetrics,
    ...more,
  });
  const targetOf = (path: string): Target => targetAt(path, service.catalogue);
  const context = (changes: object = {}): WriteContext => ({
    user: { name: 'admin', groups: ['system:masters'] },
    dryRun: false,
    fieldManager: 'test',
    fieldValidation: 'Strict',
    warn: (text) => {
      warnings.push(text);
    },
    ...changes,
  });
  const body = (value: unknown, contentType = 'application/json'): { contentType: string; bytes: Uint8Array } => ({
    contentType,
    bytes: bytesOf(value),
  });
  const harness: Harness = {
    store,
    timers,
    service,
    warnings,
    now: Date.UTC(2026, 0, 1),
    target: targetOf,
    post: (path, object, changes) => shown(service.create(targetOf(path), body(object), context(changes))),
    put: (path, object, changes) => shown(service.update(targetOf(path), body(object), context(changes))),
    patch: (path, type, patch, changes) =>
      shown(service.patch(targetOf(path), body(patch, patchTypes[type]), { force: false, ...context(changes) })),
    get: async (path) =>
      shown(
        service.get(targetOf(path), {}).then((found) => ('bytes' in found ? found.object<KubeObject>() : found.object)),
      ),
    remove: (path, options = {}, changes = {}) =>
      shown(service.delete(targetOf(path), options, context(changes)).then(({ object }) => object)),
    list: async (path, options = {}) => listed(await service.list(targetOf(path), options)),
    async watch(path, options = {}) {
      const events: RecordEvent[] = [];
      const { close } = await service.watch(targetOf(path), options, (batch) => {
        events.push(...batch);
        return true;
      });
      const seen = (): string[] =>
        events.map((event) =>
          'record' in event ? `${event.type} ${event.record.object<KubeObject>().metadata.name ?? ''}` : event.type,
        );
      return { events, seen, close };
    },
  };
  await harness.post('/api/v1/namespaces', { metadata: { name: 'default' } });
  await harness.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  return harness;
}

/** What a failed answer says, for comparison. */
export function statusLine(answer: KubeObject | JsonObject): string {
  const { code, reason, message } = answer as JsonObject;
  return `${String(code)} ${String(reason)}: ${String(message)}`;
}

/** Admission plug-in EventRateLimit: nobody fills the store with Events. */
import { type JsonObject, type KubeObject, tooManyRequests } from '../../api/index.ts';
import { type Clock, fnv1a } from '../../base/index.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { type BoundedCache, boundedCache } from './bounded-cache.ts';
import type { EventLimit } from './configuration.ts';
import type { AdmissionRequest } from './request.ts';

/** Bytes that one limit may remember of its keys. */
const bytesMax = 4 * 1024 * 1024;
/** Of longer keys a prefix and a hash are remembered. */
const keyLengthMax = 512;

/** Tokens of a bucket at a time: one Event takes one. */
interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * Off unless the operator switches it on. Each limit has a bucket of tokens for each of its keys, on each member, as
 * each API server of Kubernetes has. Events written by events.k8s.io count as well, which Kubernetes leaves out. Dry
 * runs store nothing and count for nothing.
 */
export function eventRateLimit(limits: readonly EventLimit[], clock: Pick<Clock, 'monotonic'>): AdmissionPlugin {
  const meters = limits.map((limit) => new EventMeter(limit, clock));
  return {
    name: 'EventRateLimit',
    validate(request) {
      const { operation, info, object, subresource } = request;
      if (info.kind !== 'Event' || (info.group !== '' && info.group !== 'events.k8s.io')) return;
      if (object === undefined || subresource !== '' || request.dryRun) return;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      const reached = meters.flatMap((meter) => meter.refusal(request, object));
      if (reached.length === 0) return;
      const text = reached.length === 1 ? String(reached[0]) : `[${reached.join(', ')}]`;
      throw tooManyRequests(`Too many requests: ${text}`, 0);
    },
  };
}

class EventMeter {
  readonly #limit: EventLimit;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #buckets: BoundedCache<Bucket>;

  constructor(limit: EventLimit, clock: Pick<Clock, 'monotonic'>) {
    this.#limit = limit;
    this.#clock = clock;
    this.#buckets = boundedCache({ bytesMax, entriesMax: limit.cacheSize });
  }

  /** Takes a token for the Event; says why there is none. */
  refusal(request: AdmissionRequest, event: JsonObject): readonly string[] {
    const { type, qps, burst } = this.#limit;
    const key = keyOf(type, request, event);
    const kept = shortened(key);
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(kept) ?? { tokens: burst, atMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * qps);
    bucket.atMs = now;
    this.#buckets.set(kept, bucket);
    if (bucket.tokens < 1) return [`limit reached on type ${type} for key ${kept}`];
    bucket.tokens -= 1;
    return [];
  }
}

function keyOf(type: EventLimit['type'], request: AdmissionRequest, event: JsonObject): string {
  switch (type) {
    case 'Server':
      return '';
    case 'Namespace':
      return request.namespace ?? '';
    case 'User':
      return request.user.name;
    case 'SourceAndObject':
      return sourceAndObject(event);
  }
}

/** The parts of an Event's source and object, in one text. Both groups' fields are looked at. */
function sourceAndObject(event: JsonObject | KubeObject): string {
  const source = (event['source'] ?? event['deprecatedSource'] ?? {}) as JsonObject;
  const about = (event['involvedObject'] ?? event['regarding'] ?? {}) as JsonObject;
  return [
    source['component'],
    source['host'],
    about['kind'],
    about['namespace'],
    about['name'],
    about['uid'],
    about['apiVersion'],
  ]
    .map((part) => (typeof part === 'string' ? part : ''))
    .join('');
}

function shortened(key: string): string {
  return key.length <= keyLengthMax ? key : `${key.slice(0, keyLengthMax)}…${fnv1a(key).toString(16)}`;
}

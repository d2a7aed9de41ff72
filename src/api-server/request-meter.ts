/** Counts and times answers for the metrics. */
import { behaviourOf, mediaTypeOf } from '../api/index.ts';
import type { Clock, MetricLabels, Metrics } from '../base/index.ts';
import type { ResourceCatalogue } from '../resources/index.ts';
import type { Query } from './query.ts';
import { type ApiHttpRequest, headerOf } from './request.ts';
import type { RequestInfo } from './request-info.ts';
import { applyPatchType } from './write-options.ts';

/** What the labels tell of a request. */
interface MeteredRequest {
  readonly info: RequestInfo;
  readonly request: Pick<ApiHttpRequest, 'method' | 'headers'>;
  readonly query: Pick<Query, 'all'>;
}

/** Requests that differ in nothing that labels tell, beside their code. */
interface Alike {
  readonly labels: MetricLabels;
  /** Answers that the metrics do not know of yet, by code. */
  readonly answers: Map<number, number>;
}

/**
 * Counts answers. Counts are gathered for a second before they are given to the metrics, since labels cost more than a
 * cached read.
 */
export interface RequestMeter {
  record(asked: MeteredRequest, code: number, fromMs: number): void;
  /** Gives what was gathered to the metrics; called before they are shown. */
  flush(): void;
}

const gatherMs = 1_000;

interface RequestMeterPorts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly catalogue: ResourceCatalogue;
}

export function createRequestMeter(ports: RequestMeterPorts): RequestMeter {
  return new GatheringMeter(ports);
}

/** Others are counted as one: HTTP/2 lets clients make up methods, which would fill the memory. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** As kube-apiserver names verbs in metrics: by the method, with what it stands for where that differs. */
function verbOf({ info, request: { method, headers } }: MeteredRequest): string {
  if (info.verb === 'watch') return 'WATCH';
  if (method === 'GET' || method === 'HEAD') return info.verb === 'list' ? 'LIST' : 'GET';
  if (method === 'PATCH' && mediaTypeOf(headerOf(headers, 'content-type') ?? '') === applyPatchType) return 'APPLY';
  return methods.has(method) ? method : 'other';
}

/** What a request reaches: one object, a namespace, or the cluster. */
function scopeOf({ isResource, name, verb, namespace }: RequestInfo): string {
  if (!isResource) return '';
  if (name !== '' || verb === 'create') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

const noPlace = { group: '', version: '', resource: '', subresource: '' };

class GatheringMeter implements RequestMeter {
  readonly #ports: RequestMeterPorts;
  readonly #alike = new Map<string, Alike>();
  #flushedAt: number;

  constructor(ports: RequestMeterPorts) {
    this.#ports = ports;
    this.#flushedAt = ports.clock.monotonic();
  }

  record(asked: MeteredRequest, code: number, fromMs: number): void {
    const { clock, metrics } = this.#ports;
    const { info } = asked;
    const known = this.#isKnown(info, code);
    const { labels, answers } = this.#alikeOf(asked, known);
    answers.set(code, (answers.get(code) ?? 0) + 1);
    if (known) this.#noteAge(info);
    const now = clock.monotonic();
    if (known && info.verb !== 'watch')
      metrics.observe('apiserver_request_duration_seconds', (now - fromMs) / 1000, labels);
    if (now - this.#flushedAt < gatherMs) return;
    this.#flushedAt = now;
    this.flush();
  }

  flush(): void {
    const { metrics } = this.#ports;
    for (const { labels, answers } of this.#alike.values()) {
      for (const [code, count] of answers)
        metrics.count('apiserver_request_total', { ...labels, code: String(code) }, count);
      answers.clear();
    }
  }

  /** Only known resources become labels, so that made-up paths cannot fill the memory. */
  #isKnown({ isResource, group, version, resource, subresource }: RequestInfo, code: number): boolean {
    if (!isResource) return false;
    if (code < 400) return true;
    const found = this.#ports.catalogue.find(group, version, resource);
    return found !== undefined && (subresource === '' || found.subresources.some(({ name }) => name === subresource));
  }

  #alikeOf(asked: MeteredRequest, known: boolean): Alike {
    const { group, version, resource, subresource } = known ? asked.info : noPlace;
    const verb = verbOf(asked);
    const scope = known ? scopeOf(asked.info) : '';
    const dryRun = asked.query.all('dryRun').includes('All') ? 'All' : '';
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${scope} ${dryRun}`;
    const found = this.#alike.get(key);
    if (found !== undefined) return found;
    const labels = { verb, group, version, resource, subresource, scope, component: 'apiserver', dry_run: dryRun };
    const made: Alike = { labels, answers: new Map() };
    this.#alike.set(key, made);
    return made;
  }

  #noteAge({ group, version, resource, subresource }: RequestInfo): void {
    const { catalogue, metrics } = this.#ports;
    const found = catalogue.find(group, version, resource);
    if (found === undefined || behaviourOf(found).deprecation === undefined) return;
    const labels = { group, version, resource, subresource, removed_release: '' };
    metrics.gauge('apiserver_requested_deprecated_apis', 1, labels);
  }
}

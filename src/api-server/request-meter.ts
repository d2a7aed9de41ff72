/** Counts and times answers for the metrics. */
import { behaviourOf } from '../api/index.ts';
import type { Clock, MetricLabels, Metrics } from '../base/index.ts';
import type { ResourceCatalogue } from '../resources/index.ts';
import type { RequestInfo } from './request-info.ts';

interface Count {
  readonly labels: MetricLabels;
  count: number;
}

/**
 * Counts answers. Counts are gathered for a second before they are given to the metrics, since labels cost more than a
 * cached read.
 */
export interface RequestMeter {
  record(info: RequestInfo, code: number, fromMs: number): void;
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

/** HTTP/2 lets clients make up methods, which become the verbs of plain paths: these would fill the memory. */
const verbs: ReadonlySet<string> = new Set(
  ' get list watch create update patch delete deletecollection post put head options'.split(' '),
);

class GatheringMeter implements RequestMeter {
  readonly #ports: RequestMeterPorts;
  readonly #counts = new Map<string, Count>();
  readonly #durationLabels = new Map<string, MetricLabels>();
  #flushedAt: number;

  constructor(ports: RequestMeterPorts) {
    this.#ports = ports;
    this.#flushedAt = ports.clock.monotonic();
  }

  record(info: RequestInfo, code: number, fromMs: number): void {
    const { clock, metrics } = this.#ports;
    const known = this.#isKnown(info, code);
    this.#count(info, code, known);
    if (known) this.#noteAge(info);
    const now = clock.monotonic();
    if (known && info.verb !== 'watch') {
      const seconds = (now - fromMs) / 1000;
      metrics.observe('apiserver_request_duration_seconds', seconds, this.#durationLabelsOf(info));
    }
    if (now - this.#flushedAt < gatherMs) return;
    this.#flushedAt = now;
    this.flush();
  }

  flush(): void {
    const { metrics } = this.#ports;
    for (const { labels, count } of this.#counts.values()) metrics.count('apiserver_request_total', labels, count);
    this.#counts.clear();
  }

  /** Only known resources become labels, so that made-up paths cannot fill the memory. */
  #isKnown({ isResource, group, version, resource }: RequestInfo, code: number): boolean {
    return isResource && (code < 400 || this.#ports.catalogue.find(group, version, resource) !== undefined);
  }

  #count(info: RequestInfo, code: number, known: boolean): void {
    const resource = known ? info.resource : '';
    const group = known ? info.group : '';
    const verb = verbs.has(info.verb) ? info.verb : 'other';
    const key = `${verb} ${resource} ${group} ${code}`;
    const counted = this.#counts.get(key);
    if (counted !== undefined) {
      counted.count += 1;
      return;
    }
    const labels = { verb: verb.toUpperCase(), resource, group, code: String(code) };
    this.#counts.set(key, { labels, count: 1 });
  }

  #noteAge({ group, version, resource, subresource }: RequestInfo): void {
    const { catalogue, metrics } = this.#ports;
    const found = catalogue.find(group, version, resource);
    if (found === undefined || behaviourOf(found).deprecation === undefined) return;
    const labels = { group, version, resource, subresource, removed_release: '' };
    metrics.gauge('apiserver_requested_deprecated_apis', 1, labels);
  }

  #durationLabelsOf({ verb, resource }: RequestInfo): MetricLabels {
    const key = `${verb} ${resource}`;
    const known = this.#durationLabels.get(key);
    if (known !== undefined) return known;
    const made = { resource, verb: verb.toUpperCase() };
    this.#durationLabels.set(key, made);
    return made;
  }
}

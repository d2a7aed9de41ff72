/** Counts and times answers for the metrics. */
import type { Clock, Metrics } from '../base/index.ts';
import type { ResourceCatalogue } from '../resources/index.ts';
import type { RequestInfo } from './request-info.ts';

interface Count {
  readonly labels: Readonly<Record<string, string>>;
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

export function createRequestMeter(ports: {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly catalogue: ResourceCatalogue;
}): RequestMeter {
  const counts = new Map<string, Count>();
  const durations = new Map<string, { readonly resource: string; readonly verb: string }>();
  let flushedAt = ports.clock.monotonic();

  const flush = (): void => {
    for (const { labels, count } of counts.values()) ports.metrics.count('apiserver_request_total', labels, count);
    counts.clear();
  };
  return {
    record: (info, code, fromMs) => {
      // Only known resources become labels, so that made-up paths cannot fill the memory.
      const known =
        info.isResource && (code < 400 || ports.catalogue.find(info.group, info.version, info.resource) !== undefined);
      const resource = known ? info.resource : '';
      const key = `${info.verb} ${resource} ${known ? info.group : ''} ${code}`;
      const counted = counts.get(key);
      if (counted === undefined)
        counts.set(key, {
          labels: { verb: info.verb.toUpperCase(), resource, group: known ? info.group : '', code: String(code) },
          count: 1,
        });
      else counted.count += 1;
      const now = ports.clock.monotonic();
      if (known && info.verb !== 'watch')
        ports.metrics.observe('apiserver_request_duration_seconds', (now - fromMs) / 1000, durationLabels(info));
      if (now - flushedAt < gatherMs) return;
      flushedAt = now;
      flush();
    },
    flush,
  };

  function durationLabels(info: RequestInfo): Readonly<Record<string, string>> {
    const key = `${info.verb} ${info.resource}`;
    const known = durations.get(key);
    if (known !== undefined) return known;
    const made = { resource: info.resource, verb: info.verb.toUpperCase() };
    durations.set(key, made);
    return made;
  }
}

/** Reads the limits of EventRateLimit. */
import { type EventLimit, eventLimitTypes } from '../../resources/index.ts';
import type { PlugInSection } from './plug-in-section.ts';

/** As in Kubernetes. */
const cacheSizeDefault = 4096;
const cacheSizeMax = 1_000_000;

/** eventratelimit.admission.k8s.io/v1alpha1 Configuration. Throws an Error for what cannot be used. */
export function eventLimitsOf({ tree }: PlugInSection): readonly EventLimit[] {
  if (tree['apiVersion'] !== 'eventratelimit.admission.k8s.io/v1alpha1' || tree['kind'] !== 'Configuration')
    throw new Error('expected apiVersion eventratelimit.admission.k8s.io/v1alpha1 and kind Configuration');
  const { limits } = tree;
  if (!Array.isArray(limits) || limits.length === 0) throw new Error('limits: expected at least one');
  return limits.map((entry: unknown, at) => limitOf((entry ?? {}) as Readonly<Record<string, unknown>>, at));
}

function limitOf(entry: Readonly<Record<string, unknown>>, at: number): EventLimit {
  const place = `limits[${String(at)}]`;
  const type = eventLimitTypes.find((known) => known === entry['type']);
  if (type === undefined) throw new Error(`${place}.type: expected one of ${eventLimitTypes.join(', ')}`);
  const whole = (field: string, least: number, value: unknown): number => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
    throw new Error(
      `${place}.${field}: expected a whole number of at least ${String(least)}, not ${JSON.stringify(value)}`,
    );
  };
  const cacheSize = whole('cacheSize', 0, entry['cacheSize'] ?? 0);
  if (cacheSize > cacheSizeMax) throw new Error(`${place}.cacheSize: expected ${String(cacheSizeMax)} at most`);
  return {
    type,
    qps: whole('qps', 1, entry['qps']),
    burst: whole('burst', 1, entry['burst']),
    cacheSize: type === 'Server' ? 1 : cacheSize || cacheSizeDefault,
  };
}

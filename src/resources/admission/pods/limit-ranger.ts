/** Admission plug-in LimitRanger. */
import {
  forbiddenError,
  type JsonObject,
  type LimitRange,
  type LimitRangeItem,
  metadataOf,
} from '../../../api/index.ts';
import { resourceOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { readObjects } from '../../stored/reading.ts';
import { limitViolations } from './limit-range-rules.ts';
import { type AdmissionRequest, isAbout, isPodCreation } from '../request.ts';
import { listOf, specOf } from './pod-spec.ts';

const annotation = 'kubernetes.io/limit-ranger';

function limitsOf(ports: WritePorts, namespace: string | undefined): readonly LimitRangeItem[] {
  const ranges = readObjects<LimitRange>(ports.store, { group: '', resource: 'limitranges' }, namespace);
  return ranges.flatMap((range) => range.spec.limits);
}

/** Fills in a namespace's default requests and limits, and keeps pods and claims within its bounds. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  admit(request, ports) {
    if (!sizesPod(request) || request.object === undefined) return;
    for (const limit of limitsOf(ports, request.namespace)) {
      if (limit.type === 'Container') fillDefaults(request.object, limit);
    }
  },
  validate(request, ports) {
    if (request.object === undefined || !isBounded(request)) return;
    const limits = limitsOf(ports, request.namespace);
    if (limits.length === 0) return;
    const violations = limitViolations(request.info.resource, request.object, limits);
    if (violations.length === 0) return;
    const reason = violations.length === 1 ? (violations[0] ?? '') : `[${violations.join(', ')}]`;
    throw forbiddenError(resourceOf(request.info), request.name, reason);
  },
};

/** Whether the resources of a pod's containers are set. */
function sizesPod(request: AdmissionRequest): boolean {
  return isPodCreation(request) || (request.operation === 'UPDATE' && isAbout(request, '', 'pods', 'resize'));
}

function isBounded(request: AdmissionRequest): boolean {
  if (sizesPod(request)) return true;
  const { info, operation, subresource } = request;
  return (
    info.group === '' &&
    info.resource === 'persistentvolumeclaims' &&
    subresource === '' &&
    (operation === 'CREATE' || operation === 'UPDATE')
  );
}

function fillDefaults(pod: JsonObject, limit: LimitRangeItem): void {
  const spec = specOf(pod);
  const notes: string[] = [];
  for (const container of listOf(spec, 'containers')) fillContainer(container, { limit, label: 'container', notes });
  for (const container of listOf(spec, 'initContainers'))
    fillContainer(container, { limit, label: 'init container', notes });
  if (notes.length === 0) return;
  const metadata = metadataOf(pod);
  metadata['annotations'] = {
    ...(metadata['annotations'] as JsonObject | undefined),
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

interface Filling {
  readonly limit: LimitRangeItem;
  readonly label: string;
  readonly notes: string[];
}

function fillContainer(container: JsonObject, { limit, label, notes }: Filling): void {
  const resources = { ...(container['resources'] as JsonObject | undefined) };
  for (const [side, values, word] of [
    ['requests', limit.defaultRequest, 'request'],
    ['limits', limit.default, 'limit'],
  ] as const) {
    const present = { ...(resources[side] as Record<string, string> | undefined) };
    const missing = Object.keys(values ?? {})
      .filter((name) => present[name] === undefined)
      .sort();
    if (missing.length === 0) continue;
    for (const name of missing) present[name] = values?.[name] ?? '0';
    resources[side] = present;
    notes.push(`${missing.join(', ')} ${word} for ${label} ${String(container['name'])}`);
  }
  container['resources'] = resources;
}

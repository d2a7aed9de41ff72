/** Validates references to fields and resources of a pod (downward API). */

import type { ObjectFieldSelector, ResourceFieldSelector, Sent } from '../../../objects/index.ts';
import { type FieldError, invalid, notSupported, qualifiedName, required } from '../../../machinery/index.ts';
import { invalids, isSet } from '../../checks.ts';
import { canonicalQuantity } from '../../../machinery/index.ts';
import { compareQuantities } from '../../quantities.ts';

/**
 * Every pod field that the downward API knows (upstream's ConvertDownwardAPIFieldLabel); each place allows some of
 * them.
 */
const downwardFields = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);

function subscriptOf(fieldPath: string): { readonly path: string; readonly subscript: string } | undefined {
  const match = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  return match === null ? undefined : { path: match[1] ?? '', subscript: match[2] ?? '' };
}

function subscriptErrors(parts: { readonly path: string; readonly subscript: string }, path: string): FieldError[] {
  if (parts.path === 'metadata.annotations')
    return invalids(path, parts.subscript.toLowerCase(), qualifiedName(parts.subscript.toLowerCase()));
  if (parts.path === 'metadata.labels') return invalids(path, parts.subscript, qualifiedName(parts.subscript));
  return [invalid(path, parts.path, 'does not support subscript')];
}

/** What very old clients call a field. */
const oldNames: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' };

/** A reference to a pod's own field. `allowed`: the plain fields of this place, sorted. */
export function fieldReferenceErrors(
  reference: Sent<ObjectFieldSelector>,
  path: string,
  allowed: readonly string[],
): FieldError[] {
  if (!isSet(reference.apiVersion)) return [required(`${path}.apiVersion`)];
  const fieldPath = reference.fieldPath;
  if (!isSet(fieldPath)) return [required(`${path}.fieldPath`)];
  if (reference.apiVersion !== 'v1') {
    return [
      invalid(
        `${path}.fieldPath`,
        fieldPath,
        `error converting fieldPath: unsupported pod version: ${reference.apiVersion}`,
      ),
    ];
  }
  const parts = subscriptOf(fieldPath);
  const field = oldNames[fieldPath] ?? fieldPath;
  const known =
    parts === undefined
      ? downwardFields.has(field)
      : parts.path === 'metadata.annotations' || parts.path === 'metadata.labels';
  if (!known) {
    const detail =
      parts === undefined
        ? `field label not supported: ${fieldPath}`
        : `field label does not support subscript: ${fieldPath}`;
    return [invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${detail}`)];
  }
  if (parts !== undefined) return subscriptErrors(parts, path);
  return allowed.includes(field) ? [] : [notSupported(`${path}.fieldPath`, field, allowed)];
}

const resourcePaths = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const hugePagePrefixes = ['limits.hugepages-', 'requests.hugepages-'];
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const byteDivisorText =
  "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the";

function divisorErrors(resource: string, divisor: string | undefined, path: string): FieldError[] {
  if (divisor === undefined || compareQuantities(divisor, '0') === 0) return [];
  const text = canonicalQuantity(divisor);
  const refuse = (detail: string): FieldError[] => [invalid(`${path}.divisor`, resource, detail)];
  if (resource.endsWith('.cpu'))
    return ['1m', '1'].includes(text)
      ? []
      : refuse("only divisor's values 1m and 1 are supported with the cpu resource");
  if (byteDivisors.includes(text)) return [];
  if (resource.endsWith('.memory')) return refuse(`${byteDivisorText} memory resource`);
  if (resource.endsWith('.ephemeral-storage')) return refuse(`${byteDivisorText} local ephemeral storage resource`);
  return hugePagePrefixes.some((prefix) => resource.startsWith(prefix))
    ? refuse(`${byteDivisorText} hugepages resource`)
    : [];
}

/** A reference to a container's resources; in a volume it must name the container. */
export function resourceReferenceErrors(
  reference: Sent<ResourceFieldSelector>,
  path: string,
  options: { readonly inVolume: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const resource = reference.resource ?? '';
  if (options.inVolume && !isSet(reference.containerName)) errors.push(required(`${path}.containerName`));
  else if (resource === '') errors.push(required(`${path}.resource`));
  else if (!resourcePaths.includes(resource) && !hugePagePrefixes.some((prefix) => resource.startsWith(prefix))) {
    errors.push(notSupported(`${path}.resource`, resource, resourcePaths));
  }
  return [...errors, ...divisorErrors(resource, reference.divisor, path)];
}

/** Checks an object against the limits of a LimitRange. */
import {
  compareQuantity,
  containerResources,
  type JsonObject,
  type LimitRangeItem,
  parseQuantity,
  type PersistentVolumeClaimSpec,
  podResources,
  type Quantity,
  quantityText,
  type ResourceAmounts,
  resourceAmounts,
  type View,
} from '../../../api/index.ts';
import { listOf, specOf } from './pod-spec.ts';

interface Asked {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** What of an object breaks the limits of its namespace, in upstream's words. */
export function limitViolations(resource: string, object: JsonObject, limits: readonly LimitRangeItem[]): string[] {
  const spec = specOf(object);
  const found: string[] = [];
  for (const limit of limits) {
    if (resource === 'persistentvolumeclaims') {
      if (limit.type === 'PersistentVolumeClaim') found.push(...claimViolations(limit, spec));
    } else if (limit.type === 'Container') {
      for (const container of [...listOf(spec, 'containers'), ...listOf(spec, 'initContainers')]) {
        found.push(
          ...violations(limit, {
            requests: containerResources(container, 'requests'),
            limits: containerResources(container, 'limits'),
          }),
        );
      }
    } else if (limit.type === 'Pod') {
      found.push(
        ...violations(limit, { requests: podResources(spec, 'requests'), limits: podResources(spec, 'limits') }),
      );
    }
  }
  return found;
}

type Rule = (name: string, bound: Quantity, asked: Asked) => string | undefined;

function violations(limit: LimitRangeItem, asked: Asked): string[] {
  const rules: readonly (readonly [Readonly<Record<string, string>> | undefined, Rule])[] = [
    [
      limit.min,
      (name, bound, what) =>
        belowMinimum(limit.type, { name, bound, request: what.requests.get(name), limit: what.limits.get(name) }),
    ],
    [
      limit.max,
      (name, bound, what) =>
        aboveMaximum(limit.type, { name, bound, request: what.requests.get(name), limit: what.limits.get(name) }),
    ],
    [
      limit.maxLimitRequestRatio,
      (name, bound, what) =>
        aboveRatio(limit.type, { name, bound, request: what.requests.get(name), limit: what.limits.get(name) }),
    ],
  ];
  return rules.flatMap(([bounds, rule]) =>
    Object.keys(bounds ?? {})
      .sort()
      .flatMap((name) => rule(name, parseQuantity(bounds?.[name] ?? '0'), asked) ?? []),
  );
}

interface Bounded {
  readonly name: string;
  readonly bound: Quantity;
  readonly request: Quantity | undefined;
  readonly limit: Quantity | undefined;
}

function belowMinimum(type: string, { name, bound, request, limit }: Bounded): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${quantityText(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantity(request, bound) < 0) return `${rule}, but request is ${quantityText(request)}`;
  return limit !== undefined && compareQuantity(limit, bound) < 0
    ? `${rule}, but limit is ${quantityText(limit)}`
    : undefined;
}

function aboveMaximum(type: string, { name, bound, request, limit }: Bounded): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${quantityText(bound)}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantity(limit, bound) > 0) return `${rule}, but limit is ${quantityText(limit)}`;
  return request !== undefined && compareQuantity(request, bound) > 0
    ? `${rule}, but request is ${quantityText(request)}`
    : undefined;
}

function aboveRatio(type: string, { name, bound, request, limit }: Bounded): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${quantityText(bound)}`;
  if (request === undefined || request.nanos === 0n) return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || limit.nanos === 0n) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = Number(limit.nanos) / Number(request.nanos);
  return ratio > Number(bound.nanos) / 1e9 ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function claimViolations(limit: LimitRangeItem, spec: JsonObject): string[] {
  const requests = resourceAmounts((spec as View<PersistentVolumeClaimSpec>).resources?.requests);
  const found: string[] = [];
  for (const [name, text] of Object.entries(limit.min ?? {})) {
    const broken = belowMinimum(limit.type, {
      name,
      bound: parseQuantity(text),
      request: requests.get(name),
      limit: undefined,
    });
    if (broken !== undefined) found.push(broken);
  }
  for (const [name, text] of Object.entries(limit.max ?? {})) {
    const bound = parseQuantity(text);
    const request = requests.get(name);
    const rule = `maximum ${name} usage per ${limit.type} is ${quantityText(bound)}`;
    if (request === undefined) found.push(`${rule}.  No request is specified`);
    else if (compareQuantity(request, bound) > 0) found.push(`${rule}, but request is ${quantityText(request)}`);
  }
  return found;
}

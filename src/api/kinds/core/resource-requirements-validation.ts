/** Validates resource requests and limits. */

import type { CoreV1ResourceClaim, ResourceRequirements, Sent } from '../../objects/index.ts';
import {
  canonicalQuantity,
  dns1123Label,
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  parseQuantity,
  required,
} from '../../machinery/index.ts';
import { each, invalids } from '../checks.ts';
import { compareQuantities, isWhole, nonNegativeQuantity } from '../quantities.ts';
import { containerResourceNameErrors, isHugePages, isIntegerResource, isOvercommitAllowed } from './resource-names.ts';

/** The amount of one resource: not negative, and whole where only whole amounts make sense. */
export function resourceAmountErrors(path: string, name: string, amount: string): FieldError[] {
  const errors = nonNegativeQuantity(path, amount);
  if (isIntegerResource(name) && !isWhole(amount)) errors.push(invalid(path, { amount }, 'must be an integer'));
  return errors;
}

function hugePagesErrors(path: string, name: string, amount: string): FieldError[] {
  if (!isHugePages(name)) return [];
  let size: bigint;
  try {
    size = parseQuantity(name.slice('hugepages-'.length)).nanos;
  } catch {
    return [
      invalid(
        path,
        canonicalQuantity(amount),
        `${canonicalQuantity(amount)} is not positive integer multiple of ${name}`,
      ),
    ];
  }
  if (size > 0n && parseQuantity(amount).nanos % size === 0n) return [];
  return [
    invalid(
      path,
      canonicalQuantity(amount),
      `${canonicalQuantity(amount)} is not positive integer multiple of ${name}`,
    ),
  ];
}

function amountErrors(path: string, name: string, amount: string): FieldError[] {
  return [
    ...containerResourceNameErrors(path, name),
    ...resourceAmountErrors(path, name, amount),
    ...hugePagesErrors(path, name, amount),
  ];
}

function againstLimit(path: string, name: string, requirements: Sent<ResourceRequirements>): FieldError[] {
  const request = requirements.requests?.[name] ?? '0';
  const limit = requirements.limits?.[name];
  const overcommit = isOvercommitAllowed(name);
  if (limit === undefined)
    return overcommit ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  const order = compareQuantities(request, limit);
  const at = `${path}.requests`;
  const [requestText, limitText] = [canonicalQuantity(request), canonicalQuantity(limit)];
  if (order !== 0 && !overcommit) return [invalid(at, requestText, `must be equal to ${name} limit of ${limitText}`)];
  return order > 0 ? [invalid(at, requestText, `must be less than or equal to ${name} limit of ${limitText}`)] : [];
}

function claimErrors(
  claims: readonly Sent<CoreV1ResourceClaim>[] | undefined,
  path: string,
  known: ReadonlySet<string>,
): FieldError[] {
  const seen = new Set<string>();
  return each(path, claims, (claim, at) => {
    const name = claim.name ?? '';
    if (name === '') return [required(at)];
    const key = claim.request === undefined || claim.request === '' ? name : `${name}/${claim.request}`;
    const errors = key === name ? [] : invalids(`${at}.request`, claim.request, dns1123Label(claim.request ?? ''));
    if (seen.has(name) || seen.has(key)) errors.push(duplicate(at, seen.has(name) ? name : key));
    seen.add(key);
    if (known.has(name)) return errors;
    const list = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
    return [
      ...errors,
      {
        type: 'Not found' as const,
        field: at,
        value: name,
        detail: `must be one of the names in pod.spec.resourceClaims${list}`,
      },
    ];
  });
}

/** Checks `limits`, `requests` and `claims` of a container (or limits alone, as overhead). */
export function resourceRequirementsErrors(
  requirements: Sent<ResourceRequirements> | undefined,
  path: string,
  podClaims: ReadonlySet<string>,
): FieldError[] {
  const limits = requirements?.limits ?? {};
  const requests = requirements?.requests ?? {};
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(limits))
    errors.push(...amountErrors(`${path}.limits[${name}]`, name, amount));
  for (const [name, amount] of Object.entries(requests)) {
    errors.push(
      ...amountErrors(`${path}.requests[${name}]`, name, amount),
      ...againstLimit(path, name, { limits, requests }),
    );
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  return [...errors, ...claimErrors(requirements?.claims, `${path}.claims`, podClaims)];
}

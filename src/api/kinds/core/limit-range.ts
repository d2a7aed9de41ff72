/** The kind LimitRange: defaults, validation and Table columns. */

import type { LimitRange, LimitRangeItem, Sent } from '../../objects/index.ts';
import {
  canonicalQuantity,
  compareQuantity,
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  parseQuantity,
  qualifiedName,
  quantityMilli,
  required,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids } from '../checks.ts';
import { plainColumns, plainRow } from '../columns.ts';
import { compareQuantities } from '../quantities.ts';
import { strategy } from '../strategy.ts';
import { containerResourceNameErrors, isOvercommitAllowed, resourceNameErrors } from './resource-names.ts';

const limitRangeOf = (object: object): Sent<LimitRange> => object as Sent<LimitRange>;
const standardTypes = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);
const one = parseQuantity('1');

/** Copies the amounts of one field to another where that has none. */
function fill(target: Record<string, string>, source: Readonly<Record<string, string>> | undefined): void {
  for (const [name, amount] of Object.entries(source ?? {})) target[name] ??= amount;
}

function defaultItem(item: Sent<LimitRangeItem>): void {
  if (item.type !== 'Container') return;
  const limits = { ...item.default };
  const requests = { ...item.defaultRequest };
  fill(limits, item.max);
  fill(requests, limits);
  fill(requests, item.min);
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

function typeErrors(type: string, path: string): FieldError[] {
  const errors = invalids(path, type, qualifiedName(type));
  if (errors.length > 0 || type.includes('/') || standardTypes.has(type)) return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

type Amounts = 'min' | 'max' | 'default' | 'defaultRequest';

/** Pairs that must be in order: the first not greater than the second; `at` is where the error belongs. */
const orders: readonly {
  readonly low: Amounts;
  readonly high: Amounts;
  readonly at: Amounts;
  readonly words: readonly [string, string];
}[] = [
  { low: 'min', high: 'max', at: 'min', words: ['min value', 'max value'] },
  { low: 'min', high: 'defaultRequest', at: 'defaultRequest', words: ['min value', 'default request value'] },
  { low: 'defaultRequest', high: 'max', at: 'defaultRequest', words: ['default request value', 'max value'] },
  {
    low: 'defaultRequest',
    high: 'default',
    at: 'defaultRequest',
    words: ['default request value', 'default limit value'],
  },
  { low: 'min', high: 'default', at: 'default', words: ['min value', 'default value'] },
  { low: 'default', high: 'max', at: 'default', words: ['default value', 'max value'] },
];

function orderErrors(item: Sent<LimitRangeItem>, name: string, path: string): FieldError[] {
  return orders.flatMap(({ low, high, at, words }) => {
    const [lower, higher] = [item[low]?.[name], item[high]?.[name]];
    if (lower === undefined || higher === undefined || compareQuantities(lower, higher) <= 0) return [];
    const detail = `${words[0]} ${canonicalQuantity(lower)} is greater than ${words[1]} ${canonicalQuantity(higher)}`;
    return [invalid(`${path}.${at}[${name}]`, { quantity: item[at]?.[name] }, detail)];
  });
}

function ratioErrors(item: Sent<LimitRangeItem>, name: string, path: string): FieldError[] {
  const text = item.maxLimitRequestRatio?.[name];
  if (text === undefined) return [];
  const ratio = parseQuantity(text);
  const at = `${path}.maxLimitRequestRatio[${name}]`;
  const errors: FieldError[] = [];
  if (compareQuantity(ratio, one) < 0)
    errors.push(invalid(at, { quantity: text }, `ratio ${canonicalQuantity(text)} is less than 1`));
  const [min, max] = [item.min?.[name], item.max?.[name]];
  if (min === undefined || max === undefined) return errors;
  const limit = quantityMilli(parseQuantity(max)) / quantityMilli(parseQuantity(min));
  if (quantityMilli(ratio) / 1000 > limit) {
    errors.push(
      invalid(at, { quantity: text }, `ratio ${canonicalQuantity(text)} is greater than max/min = ${limit.toFixed(6)}`),
    );
  }
  return errors;
}

function nameErrors(item: Sent<LimitRangeItem>, path: string): FieldError[] {
  const check = item.type === 'Pod' || item.type === 'Container' ? containerResourceNameErrors : resourceNameErrors;
  const fields =
    item.type === 'Pod'
      ? (['max', 'min', 'maxLimitRequestRatio'] as const)
      : (['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const);
  return fields.flatMap((field) =>
    Object.keys(item[field] ?? {}).flatMap((name) => check(`${path}.${field}[${name}]`, name)),
  );
}

function itemErrors(item: Sent<LimitRangeItem>, path: string): FieldError[] {
  const errors = nameErrors(item, path);
  const forPods = item.type === 'Pod';
  if (forPods) {
    for (const field of ['default', 'defaultRequest'] as const) {
      if (Object.keys(item[field] ?? {}).length > 0)
        errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  if (
    item.type === 'PersistentVolumeClaim' &&
    item.min?.['storage'] === undefined &&
    item.max?.['storage'] === undefined
  ) {
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    );
  }
  const amounts = [
    item.max,
    item.min,
    item.maxLimitRequestRatio,
    ...(forPods ? [] : [item.default, item.defaultRequest]),
  ];
  for (const name of new Set(amounts.flatMap((list) => Object.keys(list ?? {})))) {
    errors.push(...orderErrors(item, name, path), ...ratioErrors(item, name, path));
    const [limit, request] = [item.default?.[name], item.defaultRequest?.[name]];
    if (
      isOvercommitAllowed(name) ||
      limit === undefined ||
      request === undefined ||
      compareQuantities(limit, request) === 0
    )
      continue;
    const detail =
      `default value ${canonicalQuantity(limit)} must equal to defaultRequest value ` +
      `${canonicalQuantity(request)} in ${name}`;
    errors.push(invalid(`${path}.defaultRequest[${name}]`, { quantity: request }, detail));
  }
  return errors;
}

function limitRangeErrors(object: KubeObject): FieldError[] {
  const types = new Set<string>();
  return each('spec.limits', limitRangeOf(object).spec?.limits, (item, at) => {
    const type = item.type ?? '';
    const errors = typeErrors(type, `${at}.type`);
    if (types.has(type)) errors.push(duplicate(`${at}.type`, type));
    types.add(type);
    return [...errors, ...itemErrors(item, at)];
  });
}

export const limitRangeBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  defaults(object) {
    for (const item of limitRangeOf(object).spec?.limits ?? []) defaultItem(item);
  },
  validate: limitRangeErrors,
  metadataChecks: { changes: 0, wholes: 1 },
  allowCreateOnUpdate: true,
  columns: plainColumns,
  row: plainRow,
};

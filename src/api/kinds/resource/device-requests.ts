/** What claims and classes ask of devices: defaults and validation, in the form of v1beta1. */

import { limits } from '../../../base/index.ts';
import { compileDeviceSelector } from '../../cel/index.ts';
import {
  byteLength,
  dns1123Subdomain,
  type FieldError,
  invalid,
  notSupported,
  omitValue,
  required,
  tooLong,
  verbatim,
} from '../../machinery/index.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  OpaqueDeviceConfiguration,
  Sent,
} from '../../objects/index.ts';
import { each, requiredName } from '../checks.ts';
import { boundErrors, driverNameErrors, fullNameErrors, labelErrors, namedItems } from './names.ts';

/** Bounds of what a claim may hold, as upstream has them. */
const itemsMax = 32;
const alternativesMax = 8;
const expressionBytesMax = 10 * 1024;
const parametersBytesMax = 10 * 1024;

type Wish = Sent<DeviceRequest> | Sent<DeviceSubRequest>;

function defaultWish(wish: Wish): void {
  wish.allocationMode ||= 'ExactCount';
  if (wish.allocationMode === 'ExactCount') wish.count ||= 1;
}

/** Fills in how many devices each request means. */
export function defaultRequests(devices: Sent<DeviceClaim> | undefined): void {
  for (const request of devices?.requests ?? []) {
    if ((request.firstAvailable?.length ?? 0) === 0) defaultWish(request);
    for (const alternative of request.firstAvailable ?? []) defaultWish(alternative);
    dropTolerations(request);
  }
}

/** Kubernetes 1.33 knows taints of devices but ignores them by default. */
function dropTolerations(request: Sent<DeviceRequest>): void {
  delete request.tolerations;
  for (const alternative of request.firstAvailable ?? []) delete alternative.tolerations;
}

/** Errors of selectors: a condition each, whose expression compiles. */
export function selectorErrors(path: string, selectors: readonly Sent<DeviceSelector>[] | undefined): FieldError[] {
  return [
    ...boundErrors(path, selectors, itemsMax),
    ...each(path, selectors, ({ cel }, at) =>
      cel === undefined ? [required(`${at}.cel`)] : expressionErrors(`${at}.cel.expression`, cel.expression ?? ''),
    ),
  ];
}

function expressionErrors(path: string, expression: string): FieldError[] {
  if (byteLength(expression) > expressionBytesMax) return [tooLong(path, expression, expressionBytesMax)];
  if (expression === '') return [required(path)];
  const compiled = compileDeviceSelector(expression);
  return 'error' in compiled ? [invalid(path, expression, compiled.error)] : [];
}

const modes = ['All', 'ExactCount'];

function wishErrors(path: string, wish: Wish): FieldError[] {
  const { deviceClassName, selectors, allocationMode = '', count = 0 } = wish;
  return [
    ...requiredName(`${path}.deviceClassName`, deviceClassName, dns1123Subdomain),
    ...selectorErrors(`${path}.selectors`, selectors),
    ...(modes.includes(allocationMode) ? [] : [notSupported(`${path}.allocationMode`, allocationMode, modes)]),
    ...(allocationMode === 'ExactCount' && count <= 0
      ? [invalid(`${path}.count`, count, 'must be greater than zero')]
      : []),
    ...(allocationMode === 'All' && count !== 0
      ? [invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'")]
      : []),
  ];
}

const ownFields = ['deviceClassName', 'selectors', 'allocationMode', 'count', 'adminAccess'] as const;

function requestErrors(path: string, request: Sent<DeviceRequest>): FieldError[] {
  const alternatives = request.firstAvailable ?? [];
  const name = labelErrors(`${path}.name`, request.name);
  if (alternatives.length === 0) return [...name, ...wishErrors(path, request)];
  const others = ownFields.filter((field) => request[field] !== undefined);
  return [
    ...name,
    ...(others.length === 0
      ? []
      : [
          invalid(path, null, 'a request has either alternatives in `firstAvailable` or a `deviceClassName`, not both'),
        ]),
    ...namedItems(`${path}.firstAvailable`, alternatives, {
      max: alternativesMax,
      nameOf: (item) => ({ name: item.name ?? '', field: 'name' }),
      check: (item, at) => [...labelErrors(`${at}.name`, item.name), ...wishErrors(at, item)],
    }),
  ];
}

/** What constraints and settings may call the requests of a claim: `request` or `request/alternative`. */
export function requestNames(devices: Sent<DeviceClaim> | undefined): ReadonlySet<string> {
  return new Set(
    (devices?.requests ?? []).flatMap(({ name = '', firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name ?? ''}`),
    ]),
  );
}

function referenceErrors(
  path: string,
  requests: readonly string[] | undefined,
  known: ReadonlySet<string>,
): FieldError[] {
  return namedItems(path, requests, {
    max: itemsMax,
    nameOf: (name) => ({ name, field: '' }),
    check: (name, at) =>
      known.has(name)
        ? []
        : [
            invalid(
              at,
              name,
              "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
            ),
          ],
  });
}

function constraintErrors(
  path: string,
  { requests, matchAttribute }: Sent<DeviceConstraint>,
  known: ReadonlySet<string>,
): FieldError[] {
  return [
    ...referenceErrors(`${path}.requests`, requests, known),
    ...(matchAttribute === undefined
      ? [required(`${path}.matchAttribute`)]
      : fullNameErrors(`${path}.matchAttribute`, matchAttribute)),
  ];
}

/** Errors of a driver's settings. */
function opaqueErrors(path: string, opaque: Sent<OpaqueDeviceConfiguration> | undefined): FieldError[] {
  if (opaque === undefined) return [required(path)];
  return [
    ...driverNameErrors(`${path}.driver`, opaque.driver),
    ...rawObjectErrors(`${path}.parameters`, opaque.parameters),
  ];
}

/** Errors of a value that must be an object, and not a large one. */
export function rawObjectErrors(path: string, value: unknown): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (typeof value !== 'object' || Array.isArray(value))
    return [invalid(path, omitValue, 'must be a valid JSON object')];
  const bytes = byteLength(JSON.stringify(value));
  return bytes > parametersBytesMax ? [tooLong(path, '', parametersBytesMax)] : [];
}

/** Errors of settings; `known`: requests that they may name, absent for a class. */
export function configErrors(
  path: string,
  config: readonly ConfigEntry[] | undefined,
  known?: ReadonlySet<string>,
): FieldError[] {
  return [
    ...boundErrors(path, config, itemsMax),
    ...each(path, config, ({ requests, opaque }, at) => [
      ...(known === undefined ? [] : referenceErrors(`${at}.requests`, requests, known)),
      ...opaqueErrors(`${at}.opaque`, opaque),
    ]),
  ];
}

interface ConfigEntry {
  readonly requests?: readonly string[] | undefined;
  readonly opaque?: Sent<OpaqueDeviceConfiguration> | undefined;
}

/** Every expression is compiled, here and wherever a claim is put to work: all of a claim have a bound together. */
export function expressionsExcess(path: string, lists: readonly Sent<DeviceSelector>[][]): FieldError[] {
  const texts = lists.flat().map(({ cel }) => cel?.expression ?? '');
  if (texts.length > limits.celPolicyExpressionsMax)
    return [invalid(path, verbatim(`${texts.length} expressions`), `the limit is ${limits.celPolicyExpressionsMax}`)];
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return characters > limits.celSourceMax
    ? [invalid(path, verbatim(`${characters} characters of expressions`), `the limit is ${limits.celSourceMax}`)]
    : [];
}

const selectorsOf = ({ selectors = [], firstAvailable = [] }: Sent<DeviceRequest>): Sent<DeviceSelector>[][] => [
  selectors,
  ...firstAvailable.map((alternative) => alternative.selectors ?? []),
];

/** Errors of all that a claim asks for. */
export function deviceClaimErrors(path: string, devices: Sent<DeviceClaim> | undefined): FieldError[] {
  const known = requestNames(devices);
  const excess = expressionsExcess(path, (devices?.requests ?? []).flatMap(selectorsOf));
  if (excess.length > 0) return excess;
  return [
    ...namedItems(`${path}.requests`, devices?.requests, {
      max: itemsMax,
      nameOf: (item) => ({ name: item.name ?? '', field: 'name' }),
      check: (item, at) => requestErrors(at, item),
    }),
    ...boundErrors(`${path}.constraints`, devices?.constraints, itemsMax),
    ...each(`${path}.constraints`, devices?.constraints, (item, at) => constraintErrors(at, item, known)),
    ...configErrors(`${path}.config`, devices?.config, known),
  ];
}

/** The kind ResourceSlice in the form of v1beta1: validation, columns and selectable fields. */

import {
  byteLength,
  dns1123Subdomain,
  type FieldError,
  immutableField,
  invalid,
  parseQuantity,
  QuantityError,
  required,
  tooLong,
  tooMany,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type {
  BasicDevice,
  Device,
  DeviceAttribute,
  ResourceSlice,
  ResourceSliceSpec,
  Sent,
} from '../../objects/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { nonNegative, optionalName } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { nodeSelectorErrors } from '../core/index.ts';
import { strategy } from '../strategy.ts';
import { deviceNameErrors, driverNameErrors, labelErrors, namedItems, poolNameErrors } from './names.ts';

const devicesMax = 128;
const attributesMax = 32;
const attributeTextMax = 64;
const sliceOf = (object: object): Sent<ResourceSlice> => object as Sent<ResourceSlice>;

/** Kubernetes 1.33 knows devices that share amounts or have taints, but ignores both by default. */
function dropDisabled(object: object): void {
  const spec = sliceOf(object).spec;
  if (spec === undefined) return;
  delete spec.sharedCounters;
  delete spec.perDeviceNodeSelection;
  for (const { basic } of spec.devices ?? []) {
    if (basic === undefined) continue;
    for (const field of ['consumesCounters', 'nodeName', 'nodeSelector', 'allNodes', 'taints'] as const)
      delete basic[field];
  }
}

const semver =
  /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

function attributeErrors(path: string, attribute: Sent<DeviceAttribute>): FieldError[] {
  const given = (['int', 'bool', 'string', 'version'] as const).filter((field) => attribute[field] !== undefined);
  if (given.length === 0) return [required(path, 'exactly one value must be specified')];
  if (given.length > 1) return [invalid(path, attribute, 'exactly one value must be specified')];
  const { string, version } = attribute;
  const long = (['string', 'version'] as const).filter(
    (field) => byteLength(attribute[field] ?? '') > attributeTextMax,
  );
  return [
    ...long.map((field) => tooLong(`${path}.${field}`, string ?? version, attributeTextMax)),
    ...(version === undefined || semver.test(version)
      ? []
      : [invalid(`${path}.version`, version, 'must be a string compatible with semver.org spec 2.0.0')]),
  ];
}

function amountErrors(path: string, amount: unknown): FieldError[] {
  try {
    parseQuantity(String(amount ?? ''));
    return [];
  } catch (error) {
    if (error instanceof QuantityError) return [invalid(path, amount, 'must be a quantity')];
    throw error;
  }
}

function basicErrors(path: string, { attributes = {}, capacity = {} }: Sent<BasicDevice>): FieldError[] {
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  return [
    ...(count > attributesMax ? [tooMany(path, count, attributesMax)] : []),
    ...Object.entries(attributes).flatMap(([name, attribute]) => [
      ...deviceNameErrors(`${path}.attributes`, name),
      ...attributeErrors(`${path}.attributes[${name}]`, attribute ?? {}),
    ]),
    ...Object.entries(capacity).flatMap(([name, amount]) => [
      ...deviceNameErrors(`${path}.capacity`, name),
      ...amountErrors(`${path}.capacity[${name}].value`, amount?.value),
    ]),
  ];
}

function deviceErrors(path: string, { name, basic }: Sent<Device>): FieldError[] {
  return [
    ...labelErrors(`${path}.name`, name),
    ...(basic === undefined ? [required(`${path}.basic`)] : basicErrors(`${path}.basic`, basic)),
  ];
}

function nodeErrors(spec: Sent<ResourceSliceSpec>): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = spec;
  const given = [(nodeName ?? '') !== '', nodeSelector !== undefined, allNodes === true].filter(Boolean).length;
  const terms = nodeSelector?.nodeSelectorTerms?.length ?? 0;
  const choice = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required';
  return [
    ...optionalName('spec.nodeName', nodeName, dns1123Subdomain),
    ...(nodeSelector === undefined ? [] : nodeSelectorErrors(nodeSelector, 'spec.nodeSelector')),
    // The scheduler joins the selectors of several devices, which only works with one term each.
    ...(nodeSelector === undefined || terms === 1
      ? []
      : [invalid('spec.nodeSelector.nodeSelectorTerms', terms, 'must have exactly one node selector term')]),
    ...(given === 0 ? [required('spec', choice)] : []),
    ...(given > 1 ? [invalid('spec', null, `${choice}, but multiple fields are set`)] : []),
  ];
}

function sliceErrors(object: KubeObject): FieldError[] {
  const spec = sliceOf(object).spec ?? {};
  const { name, generation, resourceSliceCount = 0 } = spec.pool ?? {};
  return [
    ...driverNameErrors('spec.driver', spec.driver),
    ...poolNameErrors('spec.pool.name', name),
    ...nonNegative('spec.pool.generation', generation),
    ...(resourceSliceCount <= 0
      ? [invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero')]
      : []),
    ...nodeErrors(spec),
    ...namedItems('spec.devices', spec.devices, {
      max: devicesMax,
      nameOf: (device) => ({ name: device.name ?? '', field: 'name' }),
      check: (device, at) => deviceErrors(at, device),
    }),
  ];
}

export const resourceSliceBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  deletionAnswersObject: true,
  defaults: dropDisabled,
  validate: sliceErrors,
  validateUpdate(object, old) {
    const [spec, before] = [sliceOf(object).spec, sliceOf(old).spec];
    return [
      ...sliceErrors(object),
      ...immutableField(spec?.driver, before?.driver, 'spec.driver'),
      ...immutableField(spec?.pool?.name, before?.pool?.name, 'spec.pool.name'),
      ...immutableField(spec?.nodeName, before?.nodeName, 'spec.nodeName'),
    ];
  },
  selectableFields(object) {
    const { nodeName = '', driver = '' } = sliceOf(object).spec ?? {};
    return { 'spec.nodeName': nodeName, 'spec.driver': driver };
  },
  columns: [
    nameColumn,
    column('Node', 'Node that reaches the devices, where it is one.'),
    column('Driver', 'Driver that publishes the devices.'),
    column('Pool', 'Pool that the devices belong to.'),
    ageColumn,
  ],
  row(object, now) {
    const { nodeName, driver = '', pool } = sliceOf(object).spec ?? {};
    return [object.metadata.name ?? '', nodeName ?? '', driver, pool?.name ?? '', ageOf(object, now)];
  },
};

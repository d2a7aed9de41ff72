/** The kinds ResourceClaim and ResourceClaimTemplate in the form of v1beta1. */

import {
  byteLength,
  dns1123Label,
  type FieldError,
  forbidden,
  immutableField,
  invalid,
  notSupported,
  parseCidr,
  storedEqual,
  tooLong,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
  ResourceClaimTemplate,
  Sent,
} from '../../objects/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, requiredName, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { conditionErrors } from '../conditions.ts';
import { nodeSelectorErrors, templateMetadataErrors } from '../core/index.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { configErrors, defaultRequests, deviceClaimErrors, rawObjectErrors, requestNames } from './device-requests.ts';
import { deviceQuota } from './device-quota.ts';
import { boundErrors, driverNameErrors, namedItems, poolNameErrors } from './names.ts';

/** Bounds of a claim's status, as upstream has them. */
const consumersMax = 256;
const resultsMax = 32;
const configsMax = 64;
const addressesMax = 16;
const interfaceNameMax = 256;
const hardwareAddressMax = 128;
const deviceConditionsMax = 8;

const claimOf = (object: object): Sent<ResourceClaim> => object as Sent<ResourceClaim>;
const templateOf = (object: object): Sent<ResourceClaimTemplate> => object as Sent<ResourceClaimTemplate>;

function claimErrors(object: KubeObject): FieldError[] {
  return deviceClaimErrors('spec.devices', claimOf(object).spec?.devices);
}

interface DevicePlace {
  readonly driver?: string | undefined;
  readonly pool?: string | undefined;
  readonly device?: string | undefined;
}

function placeErrors(path: string, { driver, pool, device }: DevicePlace): FieldError[] {
  return [
    ...driverNameErrors(`${path}.driver`, driver),
    ...poolNameErrors(`${path}.pool`, pool),
    ...requiredName(`${path}.device`, device, dns1123Label),
  ];
}

function resultErrors(
  path: string,
  result: Sent<DeviceRequestAllocationResult>,
  known: ReadonlySet<string>,
): FieldError[] {
  const { request = '' } = result;
  return [
    ...(known.has(request)
      ? []
      : [
          invalid(
            `${path}.request`,
            request,
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
          ),
        ]),
    ...placeErrors(path, result),
  ];
}

const sources = ['FromClaim', 'FromClass'];

function allocationErrors(
  path: string,
  { devices, nodeSelector }: Sent<AllocationResult>,
  known: ReadonlySet<string>,
): FieldError[] {
  const at = `${path}.devices`;
  const config = devices?.config ?? [];
  return [
    ...boundErrors(`${at}.results`, devices?.results, resultsMax),
    ...each(`${at}.results`, devices?.results, (result, place) => resultErrors(place, result, known)),
    ...boundErrors(`${at}.config`, config, configsMax),
    ...each(`${at}.config`, config, ({ source = '' }, place) =>
      sources.includes(source) ? [] : [notSupported(`${place}.source`, source, sources)],
    ),
    ...configErrors(`${at}.config`, config.slice(0, configsMax / 2), known),
    ...(nodeSelector === undefined ? [] : nodeSelectorErrors(nodeSelector, `${path}.nodeSelector`)),
  ];
}

function consumerErrors(path: string, { resource, name, uid }: Sent<ResourceClaimConsumerReference>): FieldError[] {
  return [
    ...requiredText(`${path}.resource`, resource),
    ...requiredText(`${path}.name`, name),
    ...requiredText(`${path}.uid`, uid),
  ];
}

const keyOf = ({ driver = '', pool = '', device = '' }: DevicePlace): string => `${driver}/${pool}/${device}`;

function networkErrors(path: string, data: Sent<NetworkDeviceData>): FieldError[] {
  const { interfaceName = '', hardwareAddress = '', ips } = data;
  return [
    ...(byteLength(interfaceName) > interfaceNameMax
      ? [tooLong(`${path}.interfaceName`, interfaceName, interfaceNameMax)]
      : []),
    ...(byteLength(hardwareAddress) > hardwareAddressMax
      ? [tooLong(`${path}.hardwareAddress`, hardwareAddress, hardwareAddressMax)]
      : []),
    ...namedItems(`${path}.ips`, ips, {
      max: addressesMax,
      nameOf: (name) => ({ name, field: '' }),
      check: (text, at) =>
        parseCidr(text) === undefined
          ? [invalid(at, text, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')]
          : [],
    }),
  ];
}

function deviceStatusErrors(
  path: string,
  device: Sent<AllocatedDeviceStatus>,
  allocated: ReadonlySet<string>,
): FieldError[] {
  return [
    ...placeErrors(path, device),
    ...(allocated.has(keyOf(device)) ? [] : [invalid(path, keyOf(device), 'must be an allocated device in the claim')]),
    ...boundErrors(`${path}.conditions`, device.conditions, deviceConditionsMax),
    ...conditionErrors(`${path}.conditions`, device.conditions),
    ...(device.data === undefined || device.data === null ? [] : rawObjectErrors(`${path}.data`, device.data)),
    ...(device.networkData === undefined ? [] : networkErrors(`${path}.networkData`, device.networkData)),
  ];
}

function consumersErrors(status: Sent<ResourceClaimStatus>, old: KubeObject): FieldError[] {
  const path = 'status.reservedFor';
  const before = new Set((claimOf(old).status?.reservedFor ?? []).map(({ uid }) => uid));
  const added = (status.reservedFor ?? []).some(({ uid }) => !before.has(uid));
  const isEnding = old.metadata.deletionTimestamp !== undefined;
  return [
    ...namedItems(path, status.reservedFor, {
      max: consumersMax,
      nameOf: ({ uid = '' }) => ({ name: uid, field: 'uid' }),
      check: (consumer, at) => consumerErrors(at, consumer),
    }),
    ...((status.reservedFor?.length ?? 0) > 0 && status.allocation === undefined
      ? [forbidden(path, 'may not be specified when `allocated` is not set')]
      : []),
    ...(added && isEnding
      ? [forbidden(path, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')]
      : []),
  ];
}

function statusErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const { spec, status = {} } = claimOf(object);
  const before = claimOf(old).status?.allocation;
  const allocated = new Set((status.allocation?.devices?.results ?? []).map(keyOf));
  const isChanged = before !== undefined && status.allocation !== undefined && !storedEqual(status.allocation, before);
  return [
    ...consumersErrors(status, old),
    ...namedItems('status.devices', status.devices, {
      max: resultsMax,
      nameOf: (device) => ({ name: keyOf(device), field: '' }),
      check: (device, at) => deviceStatusErrors(at, device, allocated),
    }),
    // What was allocated stays so until it is given back as a whole.
    ...(isChanged ? [invalid('status.allocation', status.allocation, 'field is immutable')] : []),
    ...(before === undefined && status.allocation !== undefined
      ? allocationErrors('status.allocation', status.allocation, requestNames(spec?.devices))
      : []),
  ];
}

/** What becomes of devices that are no longer allocated is nobody's business. */
function dropDeviceStatuses(object: object, old: KubeObject): void {
  const status = claimOf(object).status;
  if (status !== undefined && status.allocation === undefined && claimOf(old).status?.allocation !== undefined)
    delete status.devices;
}

function stateOf(object: KubeObject): string {
  const { allocation, reservedFor = [] } = claimOf(object).status ?? {};
  const states = object.metadata.deletionTimestamp === undefined ? [] : ['deleted'];
  if (allocation !== undefined) states.push('allocated');
  else if (states.length === 0) states.push('pending');
  if (reservedFor.length > 0) states.push('reserved');
  return states.join(',');
}

const plainStatus = statusSubresource(['labels', 'annotations', 'finalizers', 'ownerReferences']);

export const resourceClaimBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: true }),
  deletionAnswersObject: true,
  defaults: (object) => {
    defaultRequests(claimOf(object).spec?.devices);
  },
  quota: deviceQuota,
  validate: claimErrors,
  validateUpdate: (object, old) => [
    ...immutableField(claimOf(object).spec, claimOf(old).spec, 'spec'),
    ...claimErrors(object),
  ],
  subresources: {
    status: {
      ...plainStatus,
      prepareForUpdate(object, old, now) {
        plainStatus.prepareForUpdate?.(object, old, now);
        dropDeviceStatuses(object, old);
      },
      validateUpdate: statusErrors,
    },
  },
  columns: [nameColumn, column('State', 'Whether it has its devices, and is in use.'), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', stateOf(object), ageOf(object, now)],
};

function templateErrors(object: KubeObject): FieldError[] {
  const { metadata, spec } = templateOf(object).spec ?? {};
  return [
    ...templateMetadataErrors(metadata ?? {}, 'spec.metadata'),
    ...deviceClaimErrors('spec.spec.devices', spec?.devices),
  ];
}

export const resourceClaimTemplateBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  deletionAnswersObject: true,
  defaults: (object) => {
    defaultRequests(templateOf(object).spec?.spec?.devices);
  },
  validate: templateErrors,
  validateUpdate: (object, old) => [
    ...immutableField(templateOf(object).spec, templateOf(old).spec, 'spec'),
    ...templateErrors(object),
  ],
  columns: [nameColumn, ageColumn],
  row: (object, now) => [object.metadata.name ?? '', ageOf(object, now)],
};

/** The kinds ServiceCIDR and IPAddress: defaults, validation and columns. */

import type { IPAddress, Sent, ServiceCIDR } from '../../objects/index.ts';
import {
  dns1123Subdomain,
  type FieldError,
  immutableField,
  invalid,
  pathSegmentName,
  required,
  parseCidr,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import { canonicalAddressErrors, canonicalCidrErrors, isDualStack } from '../addresses.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, isSet, optionalName, requiredName } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { statusSubresource, strategy } from '../strategy.ts';

const rangeOf = (object: object): Sent<ServiceCIDR> => object as Sent<ServiceCIDR>;
const addressOf = (object: object): Sent<IPAddress> => object as Sent<IPAddress>;

function rangeErrors(object: KubeObject): FieldError[] {
  const path = 'spec.cidrs';
  const cidrs = rangeOf(object).spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(path, cidrs, 'may only hold up to 2 values')];
  const errors = each(path, cidrs, (cidr, at) => canonicalCidrErrors(at, cidr));
  if (cidrs.length === 2 && errors.length === 0 && !isDualStack(cidrs, parseCidr)) {
    errors.push(
      invalid(path, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
    );
  }
  return errors;
}

/** A range stays; one of the other family may come beside it. */
function changeErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [cidrs, before] = [rangeOf(object).spec?.cidrs ?? [], rangeOf(old).spec?.cidrs ?? []];
  const joined = before.length === 1 && cidrs.length === 2;
  if (cidrs.length !== before.length && !joined) return [invalid('spec.cidrs', cidrs, 'field is immutable')];
  const changed = before.flatMap((cidr, index) =>
    cidr === cidrs[index] ? [] : [invalid(`spec.cidrs[${index}]`, cidrs[index], 'field is immutable')],
  );
  return joined ? [...changed, ...rangeErrors(object)] : changed;
}

export const serviceCidrBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: true }),
  validate: rangeErrors,
  validateUpdate: (object, old) => [...rangeErrors(object), ...changeErrors(object, old)],
  metadataChecks: { changes: 1, wholes: 1 },
  subresources: { status: statusSubresource() },
  columns: [nameColumn, column('CIDRs', 'IP ranges from which service addresses are allocated.'), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', (rangeOf(object).spec?.cidrs ?? []).join(','), ageOf(object, now)],
};

function addressObjectErrors(object: KubeObject): FieldError[] {
  const parent = addressOf(object).spec?.parentRef;
  if (parent === undefined) return [required('spec.parentRef')];
  const path = 'spec.parentRef';
  return [
    ...optionalName(`${path}.group`, parent.group, dns1123Subdomain),
    ...requiredName(`${path}.resource`, parent.resource, pathSegmentName),
    ...requiredName(`${path}.name`, parent.name, pathSegmentName),
    ...optionalName(`${path}.namespace`, parent.namespace, pathSegmentName),
  ];
}

function parentText(object: object): string {
  const parent = addressOf(object).spec?.parentRef;
  if (parent === undefined) return '<none>';
  const resource = `${parent.resource ?? ''}${isSet(parent.group) ? `.${parent.group}` : ''}`.toLowerCase();
  return [resource, parent.namespace, parent.name].filter((part) => isSet(part)).join('/');
}

export const ipAddressBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  validate: addressObjectErrors,
  validateUpdate: (object, old) => [
    ...addressObjectErrors(object),
    ...immutableField(addressOf(object).spec?.parentRef, addressOf(old).spec?.parentRef, 'spec.parentRef'),
  ],
  metadataChecks: { changes: 1, wholes: 1 },
  selectableFields: (object) => ({ 'ipaddress.spec.parentRef.name': addressOf(object).spec?.parentRef?.name ?? '' }),
  columns: [nameColumn, column('ParentRef', 'Object that uses the address.')],
  // Upstream gives the age, too, without a column for it.
  row: (object, now) => [object.metadata.name ?? '', parentText(object), ageOf(object, now)],
  nameCheck: (name) => canonicalAddressErrors('', name).map((error) => error.detail),
};

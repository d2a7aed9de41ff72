/** The kind Node: defaults, validation and Table columns. */

import type { Node, Sent, Taint } from '../../objects/index.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  labelValue,
  qualifiedName,
  required,
  parseCidr,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { cidrErrors, cidrWarnings, isDualStack } from '../addresses.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { duplicates, each, invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { roundAmounts } from '../quantities.ts';
import { keepField, keepMetadata, statusSubresource } from '../strategy.ts';
import { effectErrors } from './pod/scheduling-validation.ts';
import { resourceAmountErrors } from './resource-requirements-validation.ts';

const nodeOf = (object: object): Sent<Node> => object as Sent<Node>;

/** Upstream reports them below the metadata. */
function taintErrors(taints: readonly Sent<Taint>[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return each('metadata.taints', taints, (taint, at) => {
    const { key = '', value = '', effect = '' } = taint;
    const errors = invalids(`${at}.key`, key, qualifiedName(key));
    const messages = labelValue(value);
    if (messages.length > 0) errors.push(invalid(`${at}.value`, value, messages.join(';')));
    errors.push(...(effect === '' ? [required(`${at}.effect`)] : effectErrors(`${at}.effect`, effect)));
    if (seen.has(`${key}:${effect}`))
      errors.push({ ...duplicate(at, taint), detail: 'taints must be unique by key and effect pair' });
    seen.add(`${key}:${effect}`);
    return errors;
  });
}

function amountErrors(node: Sent<Node>): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(node.status?.[field] ?? {}).flatMap(([name, amount]) =>
      resourceAmountErrors(`status.${field}.${name}`, name, amount),
    ),
  );
}

function cidrsErrors(node: Sent<Node>): FieldError[] {
  const path = 'spec.podCIDRs';
  const cidrs = node.spec?.podCIDRs ?? [];
  const errors = each(path, cidrs, (cidr, at) => cidrErrors(at, cidr));
  if (cidrs.length < 2) return errors;
  if (!isDualStack(cidrs, parseCidr) || cidrs.length > 2)
    errors.push(invalid(path, cidrs, 'may specify no more than one CIDR for each IP family'));
  return [...errors, ...duplicates(path, cidrs)];
}

function nodeErrors(object: KubeObject): FieldError[] {
  const node = nodeOf(object);
  return [...taintErrors(node.spec?.taints), ...amountErrors(node), ...cidrsErrors(node)];
}

function updateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [node, before] = [nodeOf(object), nodeOf(old)];
  const errors = amountErrors(node);
  const addresses = (node.status?.addresses ?? []).map((address) => `${address.type}/${address.address}`);
  addresses.forEach((address, index) => {
    if (addresses.indexOf(address) < index)
      errors.push(duplicate(`status.addresses[${index}]`, node.status?.addresses?.[index]));
  });
  const [cidrs, oldCidrs] = [node.spec?.podCIDRs ?? [], before.spec?.podCIDRs ?? []];
  const cidrDetail = 'node updates may not change podCIDR except from "" to valid';
  if (oldCidrs.length > 0 && oldCidrs.length !== cidrs.length) errors.push(forbidden('spec.podCIDRs', cidrDetail));
  else
    oldCidrs.forEach((cidr, index) => {
      if (cidr !== cidrs[index]) errors.push(forbidden('spec.podCIDRs', cidrDetail));
    });
  const provider = before.spec?.providerID ?? '';
  if (provider !== '' && provider !== node.spec?.providerID)
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if ((node.spec?.externalID ?? '') !== (before.spec?.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  return [...errors, ...taintErrors(node.spec?.taints)];
}

/** `podCIDR` is the first of `podCIDRs`; the single field wins, as in upstream's conversion. */
function mirrorCidr(node: Sent<Node>): void {
  const spec = (node.spec ??= {});
  const single = spec.podCIDR ?? '';
  if (single !== '' && spec.podCIDRs?.[0] !== single) spec.podCIDRs = [single];
  if (spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0];
}

/** Agents take their settings from nowhere in the API any more. */
const dropConfigSource = (node: Sent<Node>): void => {
  delete node.spec?.configSource;
};

function defaultNode(object: JsonObject): void {
  const node = nodeOf(object);
  mirrorCidr(node);
  roundAmounts(node.status?.capacity);
  roundAmounts(node.status?.allocatable);
  if (node.status?.capacity !== undefined) node.status.allocatable ??= { ...node.status.capacity };
}

function nodeWarnings({ spec = {} }: Sent<Node>): string[] {
  return [
    ...((spec.externalID ?? '') === ''
      ? []
      : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
    ...(spec.podCIDRs ?? []).flatMap((cidr, index) => cidrWarnings(`spec.podCIDRs[${index}]`, cidr)),
  ];
}

const rolePrefix = 'node-role.kubernetes.io/';

function rolesText(object: KubeObject): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) roles.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort().join(',') || '<none>';
}

function statusText(node: Sent<Node>): string {
  const ready = node.status?.conditions?.findLast((condition) => condition.type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

const addressOf = (node: Sent<Node>, type: string): string =>
  node.status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';

export const nodeBehaviour: KindBehaviour = {
  allocates: 'pod-ranges',
  defaults: defaultNode,
  prepareForCreate(object) {
    const node = nodeOf(object);
    dropConfigSource(node);
    delete node.status?.config;
  },
  prepareForUpdate(object, old) {
    dropConfigSource(nodeOf(object));
    keepField(object, old, 'status');
    keepMetadata(object, old, 'generation');
  },
  validate: nodeErrors,
  validateUpdate: (object, old) => [...nodeErrors(object), ...updateErrors(object, old)],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object) => nodeWarnings(nodeOf(object)),
  subresources: {
    status: {
      prepareForUpdate(object, old) {
        statusSubresource().prepareForUpdate?.(object, old);
        delete nodeOf(object).status?.config;
      },
      validateUpdate: updateErrors,
    },
  },
  selectableFields: (object) => ({ 'spec.unschedulable': String(nodeOf(object).spec?.unschedulable ?? false) }),
  columns: [
    nameColumn,
    column('Status', 'Whether the node is ready and schedulable.'),
    column('Roles', 'Roles of the node.'),
    ageColumn,
    column('Version', 'Version of the node agent.'),
    column('Internal-IP', 'IP address inside the cluster.', { priority: 1 }),
    column('External-IP', 'IP address outside the cluster.', { priority: 1 }),
    column('OS-Image', 'Operating system of the node.', { priority: 1 }),
    column('Kernel-Version', 'Kernel version of the node.', { priority: 1 }),
    column('Container-Runtime', 'Container runtime of the node.', { priority: 1 }),
  ],
  row(object, now) {
    const node = nodeOf(object);
    const info = node.status?.nodeInfo;
    return [
      object.metadata.name ?? '',
      statusText(node),
      rolesText(object),
      ageOf(object, now),
      info?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      info?.kernelVersion || '<unknown>',
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
};

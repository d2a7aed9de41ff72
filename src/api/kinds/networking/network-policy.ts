/** The kind NetworkPolicy: defaults, validation and Table columns. */

import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Sent } from '../../objects/index.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  labelSelectorText,
  notSupported,
  portName,
  portNumber,
  required,
  validateLabelSelector,
  parseCidr,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import { cidrErrors, cidrWarnings } from '../addresses.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, each, invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';

const policyOf = (object: object): Sent<NetworkPolicy> => object as Sent<NetworkPolicy>;

function portErrors(item: Sent<NetworkPolicyPort>, path: string): FieldError[] {
  const { protocol, port, endPort } = item;
  const errors = choice(`${path}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  if (port === undefined) {
    return endPort === undefined
      ? errors
      : [...errors, invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  }
  if (typeof port === 'string') {
    if (endPort !== undefined)
      errors.push(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...invalids(`${path}.port`, port, portName(port))];
  }
  errors.push(...invalids(`${path}.port`, port, portNumber(port)));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(`${path}.endPort`, endPort, 'must be greater than or equal to `port`'));
  return [...errors, ...invalids(`${path}.endPort`, endPort, portNumber(endPort))];
}

function isStrictSubset(inner: string, outer: string): boolean {
  const [part, whole] = [parseCidr(inner), parseCidr(outer)];
  if (part === undefined || whole === undefined) return true;
  if (part.family !== whole.family || part.prefix <= whole.prefix) return false;
  const shift = BigInt((whole.family === 'IPv4' ? 32 : 128) - whole.prefix);
  return part.bits >> shift === whole.bits >> shift;
}

function blockErrors(block: Sent<IPBlock>, path: string): FieldError[] {
  const cidr = block.cidr ?? '';
  if (cidr === '') return [required(`${path}.cidr`)];
  const errors = cidrErrors(`${path}.cidr`, cidr);
  if (errors.length > 0) return errors;
  return each(`${path}.except`, block.except, (except, at) => {
    const found = cidrErrors(at, except);
    if (found.length > 0) return found;
    return isStrictSubset(except, cidr) ? [] : [invalid(at, except, 'must be a strict subset of `cidr`')];
  });
}

function peerErrors(peer: Sent<NetworkPolicyPeer>, path: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
  ];
  if (ipBlock !== undefined) errors.push(...blockErrors(ipBlock, `${path}.ipBlock`));
  const count = [podSelector, namespaceSelector, ipBlock].filter((part) => part !== undefined).length;
  if (ipBlock !== undefined && count > 1) errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
  return count === 0 ? [...errors, required(path, 'must specify a peer')] : errors;
}

function typesErrors(types: readonly string[]): FieldError[] {
  const path = 'spec.policyTypes';
  if (types.length > 2) return [invalid(path, types, 'may not specify more than two policyTypes')];
  return each(path, types, (type, at) =>
    type === 'Ingress' || type === 'Egress' ? [] : [notSupported(at, type, ['Ingress', 'Egress'])],
  );
}

function policyErrors(object: KubeObject): FieldError[] {
  const { podSelector, ingress, egress, policyTypes = [] } = policyOf(object).spec ?? {};
  return [
    ...validateLabelSelector(podSelector, 'spec.podSelector'),
    ...each('spec.ingress', ingress, (rule, at) => [
      ...each(`${at}.ports`, rule.ports, portErrors),
      ...each(`${at}.from`, rule.from, peerErrors),
    ]),
    ...each('spec.egress', egress, (rule, at) => [
      ...each(`${at}.ports`, rule.ports, portErrors),
      ...each(`${at}.to`, rule.to, peerErrors),
    ]),
    ...typesErrors(policyTypes),
  ];
}

function blockWarnings(block: Sent<IPBlock> | undefined, path: string): string[] {
  if (block === undefined) return [];
  return [
    ...cidrWarnings(`${path}.cidr`, block.cidr ?? ''),
    ...(block.except ?? []).flatMap((except, index) => cidrWarnings(`${path}.except[${index}]`, except)),
  ];
}

function policyWarnings({ spec = {} }: Sent<NetworkPolicy>): string[] {
  const peers = (list: readonly Sent<NetworkPolicyPeer>[] | undefined, path: string): string[] =>
    (list ?? []).flatMap((peer, index) => blockWarnings(peer.ipBlock, `${path}[${index}].ipBlock`));
  return [
    ...(spec.ingress ?? []).flatMap((rule, index) => peers(rule.from, `spec.ingress[${index}].from`)),
    ...(spec.egress ?? []).flatMap((rule, index) => peers(rule.to, `spec.egress[${index}].to`)),
  ];
}

export const networkPolicyBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  defaults(object) {
    const spec = (policyOf(object).spec ??= {});
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    if ((spec.policyTypes?.length ?? 0) === 0)
      spec.policyTypes = (spec.egress?.length ?? 0) > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: policyErrors,
  // As a whole and as a change.
  validateUpdate: (object) => [...policyErrors(object), ...policyErrors(object)],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object) => policyWarnings(policyOf(object)),
  columns: [nameColumn, column('Pod-Selector', 'Label selector of the pods that the policy applies to.'), ageColumn],
  row: (object, now) => [
    object.metadata.name ?? '',
    labelSelectorText(policyOf(object).spec?.podSelector),
    ageOf(object, now),
  ],
};

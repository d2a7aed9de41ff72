import { dns1123Label, isWholeQuantity, parseQuantity } from '../../../machinery/index.ts';
import type { Pod } from '../../types/core.ts';
import type { Container, PodSpec } from '../../types/pod-spec.ts';
import { containersWithPaths } from './containers-of.ts';

const replacedNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

function nodeLabelWarnings(spec: PodSpec, path: string): string[] {
  return Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
    const label = replacedNodeLabels[key];
    return label === undefined ? [] : [`${path}.nodeSelector[${key}]: deprecated since v1.14; use "${label}" instead`];
  });
}

function repeatedNames(names: readonly (string | undefined)[]): number[] {
  return names.flatMap((name, index) => (name !== undefined && names.indexOf(name) < index ? [index] : []));
}

function containerWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  for (const [container, at] of containersWithPaths(spec, path)) {
    const names = (container.env ?? []).map((variable) => variable.name);
    for (const index of repeatedNames(names)) {
      const name = names[index] ?? '';
      const value = container.env?.[index]?.value ?? '';
      // A variable that extends its own earlier value is meant to come twice.
      if (value.includes(`$(${name})`)) continue;
      warnings.push(`${at}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`);
    }
    const ports = (container.ports ?? []).map((port) => `${port.containerPort ?? 0}/${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort ?? 0}`);
    for (const index of repeatedNames(ports)) {
      const first = ports.indexOf(ports[index] ?? '');
      warnings.push(`${at}.ports[${index}]: duplicate port definition with ${at}.ports[${first}]`);
    }
  }
  return warnings;
}

function amountWarnings(container: Container, at: string): string[] {
  const lists = (['limits', 'requests'] as const).flatMap((list) =>
    Object.entries(container.resources?.[list] ?? {}).map(([name, amount]) => [`${at}.resources.${list}[${name}]`, name, amount] as const));
  const bytes = new Set(['memory', 'ephemeral-storage']);
  return lists
    .filter(([, name, amount]) => bytes.has(name) && !isWholeQuantity(parseQuantity(amount)))
    .map(([path, , amount]) => `${path}: fractional byte value "${amount}" is invalid, must be an integer`);
}

/** A term without a selector matches nothing, which is seldom meant. */
function selectorWarnings(spec: PodSpec, path: string): string[] {
  const warning = 'a null labelSelector results in matching no pod';
  const spread = (spec.topologySpreadConstraints ?? []).flatMap((constraint, index) =>
    constraint.labelSelector === undefined ? [`${path}.topologySpreadConstraints[${index}].labelSelector: ${warning}`] : []);
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const affinity = (['podAffinity', 'podAntiAffinity'] as const).flatMap((field) => {
    const at = `${path}.affinity.${field}`;
    const side = spec.affinity?.[field];
    const hard = (side?.[required] ?? []).map((term, index) => [`${at}.${required}[${index}]`, term] as const);
    const soft = (side?.[preferred] ?? []).map((term, index) => [`${at}.${preferred}[${index}].podAffinityTerm`, term.podAffinityTerm] as const);
    return [...hard, ...soft].flatMap(([termPath, term]) => (term?.labelSelector === undefined ? [`${termPath}.labelSelector: ${warning}`] : []));
  });
  return [...spread, ...affinity];
}

function volumeWarnings(spec: PodSpec, path: string): string[] {
  return (spec.volumes ?? []).flatMap((volume, index) =>
    volume.gitRepo === undefined ? [] : [`${path}.volumes[${index}].gitRepo: deprecated in v1.11, and disabled by default in v1.33+`]);
}

/** Warnings about a pod spec, in a pod or in a template. */
export function podSpecWarnings(spec: PodSpec, path: string): string[] {
  const secrets = spec.imagePullSecrets ?? [];
  return [
    ...nodeLabelWarnings(spec, path),
    ...volumeWarnings(spec, path),
    ...repeatedNames(secrets.map((secret) => secret.name)).map((index) => `${path}.imagePullSecrets[${index}].name: duplicate name "${secrets[index]?.name ?? ''}"`),
    ...secrets.flatMap((secret, index) => ((secret.name ?? '') === '' ? [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`] : [])),
    ...containerWarnings(spec, path),
    ...containersWithPaths(spec, path).flatMap(([container, at]) => amountWarnings(container, at)),
    ...selectorWarnings(spec, path),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : []),
  ];
}

const seccompKeys = /^(seccomp\.security\.alpha\.kubernetes\.io\/pod|container\.seccomp\.security\.alpha\.kubernetes\.io\/.*)$/;
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

function annotationWarnings(annotations: Readonly<Record<string, string>> | undefined, path: string): string[] {
  return Object.keys(annotations ?? {}).flatMap((key) => {
    if (seccompKeys.test(key)) return [`${path}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`];
    return key.startsWith(appArmorPrefix) ? [`${path}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`] : [];
  });
}

/** Warnings about a new pod. */
export function podWarnings(pod: Pod): string[] {
  const messages = dns1123Label(pod.metadata?.name ?? '');
  const hostname = `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`;
  return [...(messages.length > 0 ? [hostname] : []), ...annotationWarnings(pod.metadata?.annotations, 'metadata.annotations'), ...podSpecWarnings(pod.spec ?? {}, 'spec')];
}

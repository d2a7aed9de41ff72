import { dns1123Label } from '../../../machinery/index.ts';
import type { Pod } from '../../types/core.ts';
import type { PodSpec } from '../../types/pod-spec.ts';
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
  ];
}

/** Warnings about a new pod. */
export function podWarnings(pod: Pod): string[] {
  const messages = dns1123Label(pod.metadata?.name ?? '');
  const hostname = `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`;
  return [...(messages.length > 0 ? [hostname] : []), ...podSpecWarnings(pod.spec ?? {}, 'spec')];
}

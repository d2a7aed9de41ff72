/** Warnings about pods and pod templates. */

import type {
  Container,
  ContainerPort,
  Pod,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
  Sent,
} from '../../../objects/index.ts';
import { dns1123Label, isWholeQuantity, parseQuantity } from '../../../machinery/index.ts';
import { addressWarnings } from '../../addresses.ts';
import { nodeSelectorTermWarnings, replacedLabelText, replacedLabelWarnings } from '../../node-labels.ts';
import { claimSpecWarnings } from '../claim-warnings.ts';
import { deprecatedVolumeWarnings } from '../volume-warnings.ts';
import { appArmorPrefix, appArmorText } from './app-armor.ts';
import { containersWithPaths } from './containers-of.ts';
import { overlappingPathWarnings } from './overlapping-paths.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

function nodeLabelWarnings(spec: Sent<PodSpec>, path: string): string[] {
  const affinity = spec.affinity?.nodeAffinity;
  const at = `${path}.affinity.nodeAffinity`;
  return [
    ...replacedLabelWarnings(Object.keys(spec.nodeSelector ?? {}), (key) => `${path}.nodeSelector[${key}]`),
    ...(affinity?.[required]?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      nodeSelectorTermWarnings(term, `${at}.${required}.nodeSelectorTerms[${index}]`, false),
    ),
    ...(affinity?.[preferred] ?? []).flatMap((term, index) =>
      nodeSelectorTermWarnings(term.preference, `${at}.${preferred}[${index}].preference`, true),
    ),
  ];
}

function repeatedNames(names: readonly (string | undefined)[]): number[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    if (name === undefined) return [];
    if (seen.has(name)) return [index];
    seen.add(name);
    return [];
  });
}

function variableWarnings(container: Sent<Container>, at: string): string[] {
  return repeatedNames((container.env ?? []).map((variable) => variable.name)).flatMap((index) => {
    const { name = '', value = '', valueFrom } = container.env?.[index] ?? {};
    // A variable that extends its own earlier value is meant to come twice.
    const itself = `$(${name})`;
    if (valueFrom === undefined && value !== itself && value.includes(itself)) return [];
    return [`${at}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`];
  });
}

/** What is odd about two definitions of one port and protocol, if anything. */
function portClash(port: Sent<ContainerPort>, other: Sent<ContainerPort>): string | undefined {
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (ip === otherIp && host === otherHost) return 'duplicate';
  if (host === 0 || otherHost === 0) return 'overlapping';
  return host === otherHost && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous' : undefined;
}

/** Definitions of one port that a further one is compared with: who has more of them knows by then. */
const clashesMax = 100;

interface SeenPort {
  readonly at: string;
  readonly port: Sent<ContainerPort>;
}

function portWarnings(spec: Sent<PodSpec>, path: string): string[] {
  const seen = new Map<string, SeenPort[]>();
  const warnings: string[] = [];
  for (const [container, at] of containersWithPaths(spec, path)) {
    (container.ports ?? []).forEach((port, index) => {
      const here = `${at}.ports[${index}]`;
      if ((port.hostIP ?? '') !== '' && (port.hostPort ?? 0) === 0) {
        warnings.push(
          `${here}: hostIP set without hostPort: {Name:${port.name ?? ''} HostPort:0 ` +
            `ContainerPort:${port.containerPort ?? 0} Protocol:${port.protocol ?? ''} ` +
            `HostIP:${port.hostIP ?? ''}}`,
        );
      }
      const key = `${String(port.containerPort)} ${String(port.protocol)}`;
      const others = seen.get(key) ?? [];
      for (const other of others.slice(0, clashesMax)) {
        const clash = portClash(port, other.port);
        if (clash !== undefined) warnings.push(`${here}: ${clash} port definition with ${other.at}`);
      }
      seen.set(key, others);
      others.push({ at: here, port });
    });
  }
  return warnings;
}

/** What is looked for by its port's name finds the first one only. */
function portNameWarnings(spec: Sent<PodSpec>, path: string): string[] {
  const first = new Map<string, string>();
  return containersWithPaths(spec, path).flatMap(([container, at]) =>
    (container.ports ?? []).flatMap(({ name = '' }, index) => {
      const [here, other] = [`${at}.ports[${index}]`, first.get(name)];
      if (name !== '' && other !== undefined)
        return [
          `${here}: duplicate port name "${name}" with ${other}, services and probes that select ports by name ` +
            `will use ${other}`,
        ];
      first.set(name, here);
      return [];
    }),
  );
}

const byteResources: ReadonlySet<string> = new Set(['memory', 'ephemeral-storage']);

function fractionWarnings(amounts: Readonly<Record<string, string>> | undefined, path: string): string[] {
  return Object.entries(amounts ?? {})
    .filter(([name, amount]) => byteResources.has(name) && !isWholeQuantity(parseQuantity(amount)))
    .map(([name, amount]) => `${path}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`);
}

function amountWarnings(container: Sent<Container>, at: string): string[] {
  return (['limits', 'requests'] as const).flatMap((list) =>
    fractionWarnings(container.resources?.[list], `${at}.resources.${list}`),
  );
}

const nullSelector = 'a null labelSelector results in matching no pod';

function spreadWarnings(spec: Sent<PodSpec>, path: string): string[] {
  return (spec.topologySpreadConstraints ?? []).flatMap((constraint, index) => {
    const at = `${path}.topologySpreadConstraints[${index}]`;
    const text = replacedLabelText(constraint.topologyKey);
    return [
      ...(text === undefined ? [] : [`${at}.topologyKey: ${constraint.topologyKey ?? ''} is ${text}`]),
      ...(constraint.labelSelector === undefined ? [`${at}.labelSelector: ${nullSelector}`] : []),
    ];
  });
}

/** A term without a selector matches nothing, which is seldom meant. */
function affinityWarnings(spec: Sent<PodSpec>, path: string): string[] {
  const warning = (term: Sent<PodAffinityTerm> | undefined, at: string): string[] =>
    term?.labelSelector === undefined ? [`${at}.labelSelector: ${nullSelector}`] : [];
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((field) => {
    const at = `${path}.affinity.${field}`;
    const side = spec.affinity?.[field];
    return [
      ...(side?.[required] ?? []).flatMap((term, index) => warning(term, `${at}.${required}[${index}]`)),
      ...(side?.[preferred] ?? []).flatMap((term, index) =>
        warning(term.podAffinityTerm, `${at}.${preferred}[${index}].podAffinityTerm`),
      ),
    ];
  });
}

function volumeWarnings(spec: Sent<PodSpec>, path: string): string[] {
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const at = `${path}.volumes[${index}]`;
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    return [
      ...deprecatedVolumeWarnings(volume, at),
      ...(claim === undefined ? [] : claimSpecWarnings(claim, `${at}.ephemeral.volumeClaimTemplate.spec`)),
    ];
  });
}

function secretWarnings(spec: Sent<PodSpec>, path: string): string[] {
  const secrets = spec.imagePullSecrets ?? [];
  return [
    ...repeatedNames(secrets.map((secret) => secret.name)).map(
      (index) => `${path}.imagePullSecrets[${index}].name: duplicate name "${secrets[index]?.name ?? ''}"`,
    ),
    ...secrets.flatMap((secret, index) =>
      (secret.name ?? '') === '' ? [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
    ),
  ];
}

function hostAliasWarnings(spec: Sent<PodSpec>, path: string): string[] {
  const addresses = (spec.hostAliases ?? []).map((alias) => alias.ip);
  return repeatedNames(addresses).map(
    (index) => `${path}.hostAliases[${index}].ip: duplicate ip "${addresses[index] ?? ''}"`,
  );
}

/** Annotations that do nothing any more; fields have taken their place. */
const deadAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const seccompText = 'non-functional in v1.27+; use the "seccompProfile" field instead';

type Annotations = Readonly<Record<string, string>> | undefined;

/** `path` is that of the annotations. */
function annotationWarnings(spec: Sent<PodSpec>, annotations: Annotations, path: string): string[] {
  const has = (key: string): boolean => annotations?.[key] !== undefined;
  const dead = Object.entries(deadAnnotations)
    .filter(([key]) => has(key))
    .map(([key, text]) => `${path}[${key}]: ${text}`);
  const pod =
    spec.securityContext?.seccompProfile === undefined && has(seccompPod)
      ? [`${path}[${seccompPod}]: ${seccompText}`]
      : [];
  const containers = containersWithPaths(spec, '').flatMap(([container]) => {
    const key = `${seccompContainer}${container.name ?? ''}`;
    return container.securityContext?.seccompProfile === undefined && has(key)
      ? [`${path}[${key}]: ${seccompText}`]
      : [];
  });
  return [...dead, ...pod, ...containers];
}

/** In templates, an AppArmor annotation without a field; for pods the warning is given where it becomes the field. */
function appArmorWarnings(spec: Sent<PodSpec>, annotations: Annotations, path: string): string[] {
  if (spec.securityContext?.appArmorProfile !== undefined) return [];
  return containersWithPaths(spec, '').flatMap(([container]) => {
    const key = `${appArmorPrefix}${container.name ?? ''}`;
    return container.securityContext?.appArmorProfile === undefined && annotations?.[key] !== undefined
      ? [`${path}[${key}]: ${appArmorText}`]
      : [];
  });
}

/** Warnings about a spec and the annotations beside it. `path` is before `spec` and `metadata`: '' for a pod. */
function specAndMetadataWarnings(spec: Sent<PodSpec>, annotations: Annotations, path: string): string[] {
  const at = path === '' ? 'spec' : `${path}.spec`;
  const annotationPath = path === '' ? 'metadata.annotations' : `${path}.metadata.annotations`;
  return [
    ...nodeLabelWarnings(spec, at),
    ...spreadWarnings(spec, at),
    ...volumeWarnings(spec, at),
    ...overlappingPathWarnings(spec.volumes),
    ...hostAliasWarnings(spec, at),
    ...secretWarnings(spec, at),
    ...fractionWarnings(spec.overhead, `${at}.overhead`),
    ...annotationWarnings(spec, annotations, annotationPath),
    ...(path === '' ? [] : appArmorWarnings(spec, annotations, annotationPath)),
    ...containersWithPaths(spec, at).flatMap(([container, place]) => [
      ...amountWarnings(container, place),
      ...variableWarnings(container, place),
    ]),
    ...portWarnings(spec, at),
    ...portNameWarnings(spec, at),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(spec, at),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((server, index) =>
      addressWarnings(`${at}.dnsConfig.nameservers[${index}]`, server),
    ),
    ...(spec.hostAliases ?? []).flatMap((alias, index) =>
      addressWarnings(`${at}.hostAliases[${index}].ip`, alias.ip ?? ''),
    ),
  ];
}

/** Warnings about a pod template; `path` is the template's. */
export function podTemplateWarnings(template: Sent<PodTemplateSpec> | undefined, path: string): string[] {
  return specAndMetadataWarnings(template?.spec ?? {}, template?.metadata?.annotations, path);
}

/** Warnings about a new pod. */
export function podWarnings(pod: Sent<Pod>): string[] {
  const messages = dns1123Label(pod.metadata?.name ?? '');
  const hostname =
    `metadata.name: this is used in the Pod's hostname, which can ` +
    'result in surprising behavior; a DNS label ' +
    `is recommended: [${messages.join(' ')}]`;
  return [
    ...(messages.length > 0 ? [hostname] : []),
    ...specAndMetadataWarnings(pod.spec ?? {}, pod.metadata?.annotations, ''),
  ];
}

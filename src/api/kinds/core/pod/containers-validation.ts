/** Validates the containers of a pod spec. */

import {
  type Container,
  type ContainerPort,
  type EphemeralContainer,
  isSidecar,
  type PodSpec,
  type Sent,
  type Volume,
} from '../../../objects/index.ts';
import {
  dns1123Label,
  duplicate,
  type FieldError,
  fieldNotFound,
  forbidden,
  invalid,
  portName,
  portNumber,
  required,
} from '../../../machinery/index.ts';
import { choice, each, invalids, isSet, requiredChoice, requiredName, requiredText } from '../../checks.ts';
import { resourceRequirementsErrors } from '../resource-requirements-validation.ts';
import { environmentErrors } from './environment-validation.ts';
import { deviceErrors, mountErrors } from './mounts-validation.ts';
import { hookErrors } from './probes-validation.ts';
import { containerSecurityErrors } from './security-validation.ts';
import { stopSignalErrors } from './stop-signal.ts';

/** What the checks of one container need of its pod. */
interface ContainerScope {
  readonly spec: Sent<PodSpec>;
  readonly volumes: ReadonlyMap<string, Sent<Volume>>;
  readonly podClaims: ReadonlySet<string>;
  /** Also what holds for pods but not for templates. */
  readonly inPod: boolean;
}

const protocols = ['SCTP', 'TCP', 'UDP'];

function portsErrors(ports: readonly Sent<ContainerPort>[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return each(path, ports, (port, at) => {
    const errors: FieldError[] = [];
    if (isSet(port.name)) {
      const messages = portName(port.name);
      errors.push(...invalids(`${at}.name`, port.name, messages));
      if (messages.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      if (messages.length === 0) names.add(port.name);
    }
    const number = port.containerPort ?? 0;
    errors.push(
      ...(number === 0
        ? [required(`${at}.containerPort`)]
        : invalids(`${at}.containerPort`, number, portNumber(number))),
    );
    const hostPort = port.hostPort ?? 0;
    if (hostPort !== 0) errors.push(...invalids(`${at}.hostPort`, hostPort, portNumber(hostPort)));
    return [...errors, ...requiredChoice(`${at}.protocol`, port.protocol, protocols)];
  });
}

function resizePolicyErrors(container: Sent<Container>, path: string, scope: ContainerScope): FieldError[] {
  const seen = new Set<string>();
  // Upstream names the list, not the item, in most of these.
  return each(path, container.resizePolicy, (policy, at) => {
    const name = policy.resourceName ?? '';
    const errors: FieldError[] = seen.has(name) ? [duplicate(at, name)] : [];
    seen.add(name);
    errors.push(
      ...requiredChoice(path, name, ['cpu', 'memory']),
      ...requiredChoice(path, policy.restartPolicy, ['NotRequired', 'RestartContainer']),
    );
    if (scope.spec.restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      errors.push(invalid(path, policy.restartPolicy ?? '', "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}

/** A container's image as a pod may have it. */
export function imageErrors(image: string | undefined, path: string): FieldError[] {
  const value = image ?? '';
  return value.trim() === value ? [] : [invalid(path, value, 'must not have leading or trailing whitespace')];
}

function commonErrors(container: Sent<Container>, path: string, scope: ContainerScope): FieldError[] {
  return [
    ...requiredName(`${path}.name`, container.name, dns1123Label),
    ...requiredText(`${path}.image`, container.image),
    ...requiredChoice(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...portsErrors(container.ports, `${path}.ports`),
    ...environmentErrors(container, path),
    ...stopSignalErrors(container, scope.spec, path),
    ...mountErrors(container, `${path}.volumeMounts`, scope.volumes),
    ...deviceErrors(container, `${path}.volumeDevices`, scope.volumes),
    ...requiredChoice(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...resourceRequirementsErrors(container.resources, `${path}.resources`, scope.podClaims),
    ...resizePolicyErrors(container, `${path}.resizePolicy`, scope),
    ...containerSecurityErrors(container.securityContext, `${path}.securityContext`, scope.spec.hostUsers !== false),
    ...(scope.inPod ? imageErrors(container.image, `${path}.image`) : []),
  ];
}

/** `paths`: one for each container, to whose ports errors belong. */
function hostPortErrors(containers: readonly Sent<Container>[], paths: readonly string[]): FieldError[] {
  const taken = new Set<string>();
  const errors: FieldError[] = [];
  containers.forEach((container, index) => {
    (container.ports ?? []).forEach((port, portIndex) => {
      if ((port.hostPort ?? 0) === 0) return;
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${paths[index]}.ports[${portIndex}].hostPort`, key));
      taken.add(key);
    });
  });
  return errors;
}

function regularErrors(path: string, scope: ContainerScope): FieldError[] {
  const containers = scope.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  const errors = each(path, containers, (container, at) => {
    const found = commonErrors(container, at, scope);
    if (names.has(container.name ?? '')) found.push(duplicate(`${at}.name`, container.name));
    names.add(container.name ?? '');
    found.push(...hookErrors(container, scope.spec.terminationGracePeriodSeconds, at));
    if (container.restartPolicy !== undefined)
      found.push(forbidden(`${at}.restartPolicy`, 'may not be set for non-init containers'));
    return found;
  });
  return [
    ...errors,
    ...hostPortErrors(
      containers,
      containers.map((_, index) => `${path}[${index}]`),
    ),
  ];
}

function initHookErrors(container: Sent<Container>, path: string, scope: ContainerScope): FieldError[] {
  if (isSidecar(container)) return hookErrors(container, scope.spec.terminationGracePeriodSeconds, path);
  const fields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  return fields
    .filter((field) => container[field] !== undefined)
    .map((field) => forbidden(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always'));
}

function initErrors(path: string, scope: ContainerScope): FieldError[] {
  const names = new Set((scope.spec.containers ?? []).map((container) => container.name ?? ''));
  return each(path, scope.spec.initContainers, (container, at) => {
    const errors = commonErrors(container, at, scope);
    errors.push(...choice(`${at}.restartPolicy`, container.restartPolicy, ['Always']));
    if (names.has(container.name ?? '')) errors.push(duplicate(`${at}.name`, container.name));
    else if (isSet(container.name)) names.add(container.name);
    // They run one by one, so only ports of one container can clash; upstream counts them from the list's beginning.
    errors.push(...hostPortErrors([container], [`${path}[0]`]), ...initHookErrors(container, at, scope));
    return errors;
  });
}

const ephemeralForbidden = [
  'ports',
  'resources',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'restartPolicy',
  'resizePolicy',
] as const;

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value === 'object' && !Array.isArray(value)
    ? Object.values(value).some((item) => item !== undefined)
    : true;
}

function ephemeralFieldErrors(container: Sent<EphemeralContainer>, path: string): FieldError[] {
  const detail = 'cannot be set for an Ephemeral Container';
  const errors = ephemeralForbidden
    .filter((field) => (field === 'resources' ? isFilled(container[field]) : container[field] !== undefined))
    .map((field) => forbidden(`${path}.${field}`, detail));
  return [
    ...errors,
    ...each(`${path}.volumeMounts`, container.volumeMounts, (mount, at) => [
      ...(isSet(mount.subPath) ? [forbidden(`${at}.subPath`, detail)] : []),
      ...(isSet(mount.subPathExpr) ? [forbidden(`${at}.subPathExpr`, detail)] : []),
    ]),
  ];
}

function ephemeralErrors(path: string, scope: ContainerScope): FieldError[] {
  const others = new Set(
    [...(scope.spec.containers ?? []), ...(scope.spec.initContainers ?? [])].map((container) => container.name ?? ''),
  );
  const names = new Set(others);
  return each(path, scope.spec.ephemeralContainers, (container, at) => {
    const errors = commonErrors(container, at, { ...scope, inPod: true });
    if (names.has(container.name ?? '')) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name ?? '');
    const target = container.targetContainerName;
    if (isSet(target) && !others.has(target)) errors.push(fieldNotFound(`${at}.targetContainerName`, target));
    return [...errors, ...ephemeralFieldErrors(container, at)];
  });
}

/** Checks all containers of a pod spec. */
export function containersErrors(path: string, scope: ContainerScope): FieldError[] {
  return [
    ...regularErrors(`${path}.containers`, scope),
    ...initErrors(`${path}.initContainers`, scope),
    ...ephemeralErrors(`${path}.ephemeralContainers`, scope),
  ];
}

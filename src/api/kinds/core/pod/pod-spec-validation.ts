/** Validates a pod spec, in a pod or in a template. */

import type { ObjectMeta, PodResourceClaim, PodSpec, Sent } from '../../../objects/index.ts';
import {
  dns1123Label,
  duplicate,
  type FieldError,
  inRange,
  invalid,
  nameIsDnsSubdomain,
  notSupported,
  qualifiedName,
  required,
  validateLabels,
} from '../../../machinery/index.ts';
import { each, invalids, isSet, optionalName, requiredChoice } from '../../checks.ts';
import { resourceRequirementsErrors } from '../resource-requirements-validation.ts';
import { containersErrors } from './containers-validation.ts';
import { dnsErrors } from './dns-validation.ts';
import { schedulingErrors } from './scheduling-validation.ts';
import { hostUsersErrors, podSecurityErrors } from './security-validation.ts';
import { checkVolumes } from './volumes-validation.ts';
import { hostProcessErrors, systemErrors } from './windows-validation.ts';

interface PodSpecOptions {
  /** The spec is a pod's, not a template's. */
  readonly inPod: boolean;
  /** Metadata of the pod; absent for templates. */
  readonly metadata?: Sent<ObjectMeta>;
}

const subdomain = (name: string): readonly string[] => nameIsDnsSubdomain(name, false);

function resourceClaimErrors(claims: readonly Sent<PodResourceClaim>[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return each(path, claims, (claim, at) => {
    const name = claim.name ?? '';
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else errors.push(...invalids(`${at}.name`, name, dns1123Label(name)));
    names.add(name);
    const { resourceClaimName, resourceClaimTemplateName } = claim;
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      errors.push(
        invalid(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      );
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.push(invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    }
    if (resourceClaimName !== undefined)
      errors.push(...invalids(`${at}.resourceClaimName`, resourceClaimName, subdomain(resourceClaimName)));
    if (resourceClaimTemplateName !== undefined)
      errors.push(
        ...invalids(`${at}.resourceClaimTemplateName`, resourceClaimTemplateName, subdomain(resourceClaimTemplateName)),
      );
    return errors;
  });
}

function hostNetworkErrors(spec: Sent<PodSpec>, path: string, inPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return each(`${path}.containers`, spec.containers, (container, at) =>
    each(`${at}.ports`, container.ports, (port, portPath) => {
      const hostPort = port.hostPort ?? 0;
      if ((!inPod && hostPort === 0) || hostPort === (port.containerPort ?? 0)) return [];
      return [invalid(`${portPath}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')];
    }),
  );
}

const systems = ['linux', 'windows'];

function operatingSystemErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  if (spec.os === undefined) return [];
  const name = spec.os.name ?? '';
  if (name === '') return [required(`${path}.os.name`, 'cannot be empty')];
  return systems.includes(name) ? systemErrors(spec, path) : [notSupported(`${path}.os`, name, systems)];
}

function namesErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  const runtimeClass = spec.runtimeClassName;
  return [
    ...optionalName(`${path}.serviceAccountName`, spec.serviceAccountName, subdomain),
    ...optionalName(`${path}.nodeName`, spec.nodeName, subdomain),
    ...optionalName(`${path}.priorityClassName`, spec.priorityClassName, subdomain),
    ...(runtimeClass === undefined ? [] : invalids(`${path}.runtimeClassName`, runtimeClass, subdomain(runtimeClass))),
    ...each(`${path}.readinessGates`, spec.readinessGates, (gate, at) =>
      invalids(`${at}.conditionType`, gate.conditionType ?? '', qualifiedName(gate.conditionType ?? '')),
    ),
  ];
}

function policyErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  const deadline = spec.activeDeadlineSeconds;
  return [
    ...requiredChoice(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...(deadline === undefined
      ? []
      : invalids(`${path}.activeDeadlineSeconds`, deadline, inRange(deadline, 1, 2147483647))),
    ...(spec.preemptionPolicy === undefined
      ? []
      : requiredChoice(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
  ];
}

/** Checks a pod spec, in a pod or in a template. `path` is the spec's. */
export function validatePodSpec(spec: Sent<PodSpec>, path: string, options: PodSpecOptions): FieldError[] {
  const volumes = checkVolumes(spec.volumes ?? [], `${path}.volumes`, options.metadata);
  const podClaims = new Set((spec.resourceClaims ?? []).map((claim) => claim.name ?? '').filter(isSet));
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...resourceClaimErrors(spec.resourceClaims, `${path}.resourceClaims`),
    ...containersErrors(path, { spec, volumes: volumes.volumes, podClaims, inPod: options.inPod }),
    ...hostNetworkErrors(spec, path, options.inPod),
    ...policyErrors(spec, path),
    ...dnsErrors(spec, path),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...podSecurityErrors(spec.securityContext, spec, `${path}.securityContext`),
    ...schedulingErrors(spec, path),
    ...hostProcessErrors(spec, path),
    ...hostUsersErrors(spec, path),
    ...namesErrors(spec, path),
    ...(spec.overhead === undefined
      ? []
      : resourceRequirementsErrors({ limits: spec.overhead }, `${path}.overhead`, new Set())),
    ...operatingSystemErrors(spec, path),
  ];
}

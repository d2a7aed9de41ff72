/** The subresource resize of a pod. */

import { definedMembers } from '../../../object.ts';
import {
  type Container,
  isSidecar,
  mirroredUid,
  type Pod,
  type PodSpec,
  qualityOfService,
  type ResourceRequirements,
  type Sent,
} from '../../../objects/index.ts';
import { deepClone, type FieldError, forbidden, invalid, semanticEqual } from '../../../machinery/index.ts';
import { compareQuantities } from '../../quantities.ts';
import { podErrors } from './pod-validation.ts';

function keepButResources(
  containers: readonly Sent<Container>[] | undefined,
  old: readonly Sent<Container>[] | undefined,
): Sent<Container>[] | undefined {
  if (containers === undefined || old === undefined) return containers?.slice();
  if (containers.some((container, index) => container.name !== old[index]?.name)) return [...containers];
  return containers.map((container, index) => {
    const kept = deepClone(old[index] ?? {});
    if (container.resources !== undefined) kept.resources = container.resources;
    if (container.resizePolicy === undefined) delete kept.resizePolicy;
    else kept.resizePolicy = container.resizePolicy;
    return kept;
  });
}

/**
 * The spec that a resize asks for: the old one with other resources. As it is when containers come, go or swap, for
 * validation to refuse.
 */
export function resizedSpec(spec: Sent<PodSpec>, old: Sent<PodSpec>): Sent<PodSpec> {
  for (const field of ['containers', 'initContainers'] as const)
    if (spec[field]?.length !== old[field]?.length) return spec;
  const resized = deepClone(old);
  const containers = keepButResources(spec.containers, old.containers);
  const initContainers = keepButResources(spec.initContainers, old.initContainers);
  if (containers !== undefined) resized.containers = containers;
  if (initContainers !== undefined) resized.initContainers = initContainers;
  return resized;
}

/** A running container whose node reports its resources can be resized in place. */
function isSupported(pod: Sent<Pod>): boolean {
  const running = (pod.status?.containerStatuses ?? []).find((status) => status.state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

const removed = (
  list: Readonly<Record<string, string>> | undefined,
  old: Readonly<Record<string, string>> | undefined,
): boolean => Object.keys(old ?? {}).some((name) => list?.[name] === undefined);

function containerErrors(container: Sent<Container>, old: Sent<Container>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const [now, before]: Sent<ResourceRequirements>[] = [container.resources ?? {}, old.resources ?? {}];
  if (removed(now?.requests, before?.requests))
    errors.push(forbidden(`${path}.requests`, 'resource requests cannot be removed'));
  if (removed(now?.limits, before?.limits))
    errors.push(forbidden(`${path}.limits`, 'resource limits cannot be removed'));
  const policy = container.resizePolicy?.find((item) => item.resourceName === 'memory')?.restartPolicy ?? 'NotRequired';
  const [limit, oldLimit] = [now?.limits?.['memory'], before?.limits?.['memory']];
  if (policy !== 'NotRequired' || limit === undefined) return errors;
  const at = `${path}.limits[memory]`;
  if (oldLimit === undefined)
    errors.push(forbidden(at, 'memory limits cannot be added unless resizePolicy is RestartContainer'));
  else if (compareQuantities(limit, oldLimit) < 0)
    errors.push(forbidden(at, 'memory limits cannot be decreased unless resizePolicy is RestartContainer'));
  return errors;
}

/** `container` with the CPU and memory of `old`: what is left must not differ. */
function withoutResize(container: Sent<Container>, old: Sent<Container>): Sent<Container> {
  const restored = (field: 'limits' | 'requests'): Record<string, string> | undefined => {
    const before = old.resources?.[field];
    if (before === undefined) return undefined;
    const { cpu: _cpu, memory: _memory, ...others } = container.resources?.[field] ?? {};
    for (const name of ['cpu', 'memory']) if (before[name] !== undefined) others[name] = before[name];
    return others;
  };
  const [limits, requests] = [restored('limits'), restored('requests')];
  return {
    ...container,
    resources: definedMembers({ limits, requests }),
  };
}

function fixedPartErrors(pod: Sent<Pod>, old: Sent<Pod>): FieldError[] {
  const errors: FieldError[] = [];
  pod.spec?.containers?.forEach((container, index) => {
    const before = old.spec?.containers?.[index] ?? {};
    if (!semanticEqual(withoutResize(container, before), before))
      errors.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  });
  pod.spec?.initContainers?.forEach((container, index) => {
    const before = old.spec?.initContainers?.[index] ?? {};
    const sidecar = isSidecar(container);
    if (semanticEqual(sidecar ? withoutResize(container, before) : container, before)) return;
    errors.push(
      forbidden(
        'spec',
        sidecar
          ? 'only cpu and memory resources for sidecar containers are mutable'
          : 'resources for non-sidecar init containers are immutable',
      ),
    );
  });
  return errors;
}

/** Errors of a write to /resize. */
export function validatePodResize(pod: Sent<Pod>, old: Sent<Pod>): FieldError[] {
  if (mirroredUid(old) !== undefined) return [forbidden('', 'static pods cannot be resized')];
  if (old.spec?.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  const errors = podErrors(pod);
  if ((old.status?.qosClass ?? qualityOfService(old.spec ?? {})) !== qualityOfService(pod.spec ?? {})) {
    errors.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  }
  if (!isSupported(old)) errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  old.spec?.initContainers?.forEach((container, index) => {
    if (isSidecar(container))
      errors.push(
        ...containerErrors(
          pod.spec?.initContainers?.[index] ?? {},
          container,
          `spec.initContainers[${index}].resources`,
        ),
      );
  });
  old.spec?.containers?.forEach((container, index) => {
    errors.push(
      ...containerErrors(pod.spec?.containers?.[index] ?? {}, container, `spec.containers[${index}].resources`),
    );
  });
  return [...errors, ...fixedPartErrors(pod, old)];
}

import { duplicate, type FieldError, forbidden, immutableField, invalid, nameIsDnsSubdomain, qualifiedName } from '../../../machinery/index.ts';
import { addressErrors, isDualStack } from '../../addresses.ts';
import { each, invalids } from '../../checks.ts';
import type { Pod } from '../../types/core.ts';
import type { ContainerStatus, PodCondition, PodStatus } from '../../types/pod-status.ts';
import { podAnnotationUpdateErrors } from './annotations-validation.ts';
import { isSidecar } from './containers-of.ts';

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);

function conditionErrors(conditions: readonly PodCondition[] | undefined): FieldError[] {
  return each('metadata.conditions', conditions, (condition, at) =>
    systemConditions.has(condition.type ?? '') ? [] : invalids(`${at}.Type`, condition.type ?? '', qualifiedName(condition.type ?? '')));
}

/** A container that ended for good cannot come back. */
function transitionErrors(statuses: readonly ContainerStatus[] | undefined, old: readonly ContainerStatus[] | undefined, path: string, mayRestart: (status: ContainerStatus) => boolean): FieldError[] {
  return each(path, old, (before, at) => {
    if (before.state?.terminated === undefined || mayRestart(before)) return [];
    const revived = (statuses ?? []).filter((status) => status.name === before.name && status.state?.terminated === undefined);
    return revived.map(() => forbidden(`${at}.state`, 'may not be transitioned to non-terminated state'));
  });
}

function addressListErrors(addresses: readonly { ip?: string }[], path: string): FieldError[] {
  const texts = addresses.map((address) => address.ip ?? '');
  const errors = each(path, texts, (text, at) => addressErrors(at, text));
  if (texts.length < 2) return errors;
  if (!isDualStack(texts) || texts.length > 2) errors.push(invalid(path, addresses, 'may specify no more than one IP for each IP family'));
  const repeated = texts.flatMap((text, index) => (texts.indexOf(text) < index ? [duplicate(`${path}[${index}]`, addresses[index])] : []));
  return [...errors, ...repeated];
}

function hostAddressErrors(status: PodStatus): FieldError[] {
  const addresses = status.hostIPs ?? [];
  const first = addresses[0];
  if (first === undefined) return [];
  const mirrored = (status.hostIP ?? '') === (first.ip ?? '') ? [] : [invalid('status.hostIPs[0].ip', first.ip ?? '', 'must be equal to `hostIP`')];
  return [...mirrored, ...addressListErrors(addresses, 'status.hostIPs')];
}

/** Errors of a write to a pod's status. */
export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const policy = old.spec?.restartPolicy;
  const sidecars = new Set((old.spec?.initContainers ?? []).filter(isSidecar).map((container) => container.name));
  const failedMayRestart = (container: ContainerStatus): boolean => policy === 'Always' || (policy === 'OnFailure' && container.state?.terminated?.exitCode !== 0);
  const nominated = status.nominatedNodeName ?? '';
  return [
    ...podAnnotationUpdateErrors(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
    ...conditionErrors(status.conditions),
    ...(nominated !== '' && nominated !== before.nominatedNodeName ? invalids('status.nominatedNodeName', nominated, nameIsDnsSubdomain(nominated, false)) : []),
    ...immutableField(status.qosClass, before.qosClass, 'status.qosClass'),
    ...transitionErrors(status.containerStatuses, before.containerStatuses, 'status.containerStatuses', failedMayRestart),
    ...transitionErrors(status.initContainerStatuses, before.initContainerStatuses, 'status.initContainerStatuses', (container) => failedMayRestart(container) || sidecars.has(container.name)),
    ...transitionErrors(status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', () => false),
    ...addressListErrors(status.podIPs ?? [], 'status.podIPs'),
    ...hostAddressErrors(status),
  ];
}

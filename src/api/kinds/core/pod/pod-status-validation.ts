/** Validates the status of a pod. */

import {
  type ContainerStatus,
  isSidecar,
  type Pod,
  type PodCondition,
  type PodStatus,
  type Sent,
} from '../../../objects/index.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  groupId,
  immutableField,
  invalid,
  nameIsDnsSubdomain,
  qualifiedName,
  userId,
} from '../../../machinery/index.ts';
import { addressErrors, isDualStack } from '../../addresses.ts';
import { each, invalids } from '../../checks.ts';
import { podAnnotationUpdateErrors } from './annotations-validation.ts';

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);

function conditionErrors(conditions: readonly Sent<PodCondition>[] | undefined): FieldError[] {
  return each('metadata.conditions', conditions, (condition, at) =>
    systemConditions.has(condition.type ?? '')
      ? []
      : invalids(`${at}.Type`, condition.type ?? '', qualifiedName(condition.type ?? '')),
  );
}

type StatusList = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';
type MayRestart = (status: Sent<ContainerStatus>) => boolean;

/** A container that ended for good cannot come back. */
function transitionErrors(
  [status, old]: readonly [Sent<PodStatus>, Sent<PodStatus>],
  list: StatusList,
  mayRestart: MayRestart,
): FieldError[] {
  const statuses = status[list];
  return each(`status.${list}`, old[list], (before, at) => {
    if (before.state?.terminated === undefined || mayRestart(before)) return [];
    const revived = (statuses ?? []).filter((now) => now.name === before.name && now.state?.terminated === undefined);
    return revived.map(() => forbidden(`${at}.state`, 'may not be transitioned to non-terminated state'));
  });
}

function addressListErrors(addresses: readonly { ip?: string }[], path: string): FieldError[] {
  const texts = addresses.map((address) => address.ip ?? '');
  const errors = each(path, texts, (text, at) => addressErrors(at, text));
  if (texts.length < 2) return errors;
  if (!isDualStack(texts) || texts.length > 2)
    errors.push(invalid(path, addresses, 'may specify no more than one IP for each IP family'));
  const repeated = texts.flatMap((text, index) =>
    texts.indexOf(text) < index ? [duplicate(`${path}[${index}]`, addresses[index])] : [],
  );
  return [...errors, ...repeated];
}

function hostAddressErrors(status: Sent<PodStatus>): FieldError[] {
  const addresses = status.hostIPs ?? [];
  const first = addresses[0];
  if (first === undefined) return [];
  const mirrored =
    (status.hostIP ?? '') === (first.ip ?? '')
      ? []
      : [invalid('status.hostIPs[0].ip', first.ip ?? '', 'must be equal to `hostIP`')];
  return [...mirrored, ...addressListErrors(addresses, 'status.hostIPs')];
}

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** Who containers run as; the paths are upstream's. */
function userErrors(status: Sent<PodStatus>, list: StatusList, system: string): FieldError[] {
  return each(`status.${list}`, status[list], ({ user }, at) => {
    if (user?.linux === undefined) return [];
    const path = `${at}.linux`;
    if (system === 'windows') return [forbidden(path, 'cannot be set for a windows pod')];
    const { uid = 0, gid = 0, supplementalGroups } = user.linux;
    return [
      ...invalids(`${path}.uid`, uid, userId(uid)),
      ...invalids(`${path}.gid`, gid, groupId(gid)),
      ...each(`${path}.supplementalGroups`, supplementalGroups, (group, groupPath) =>
        invalids(groupPath, group, groupId(group)),
      ),
    ];
  });
}

/** Errors of a write to a pod's status. */
export function validatePodStatus(pod: Sent<Pod>, old: Sent<Pod>): FieldError[] {
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const policy = old.spec?.restartPolicy;
  const sidecars = new Set((old.spec?.initContainers ?? []).filter(isSidecar).map((container) => container.name));
  const failedMayRestart = (container: Sent<ContainerStatus>): boolean =>
    policy === 'Always' || (policy === 'OnFailure' && container.state?.terminated?.exitCode !== 0);
  const nominated = status.nominatedNodeName ?? '';
  return [
    ...podAnnotationUpdateErrors(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
    ...conditionErrors(status.conditions),
    ...(nominated !== '' && nominated !== before.nominatedNodeName
      ? invalids('status.nominatedNodeName', nominated, nameIsDnsSubdomain(nominated, false))
      : []),
    ...immutableField(status.qosClass, before.qosClass, 'status.qosClass'),
    ...transitionErrors([status, before], 'containerStatuses', failedMayRestart),
    ...transitionErrors(
      [status, before],
      'initContainerStatuses',
      (container) => failedMayRestart(container) || sidecars.has(container.name),
    ),
    ...transitionErrors([status, before], 'ephemeralContainerStatuses', () => false),
    ...addressListErrors(status.podIPs ?? [], 'status.podIPs'),
    ...hostAddressErrors(status),
    ...statusLists.flatMap((list) => userErrors(status, list, old.spec?.os?.name ?? 'linux')),
  ];
}

/** The defaults of a pod and of pod templates. */

import type { Pod, PodSpec, PodStatus, PodTemplateSpec, Sent } from '../../../objects/index.ts';
import type { JsonObject } from '../../../object.ts';
import { roundAmounts } from '../../quantities.ts';
import { defaultContainer, defaultHostPorts, defaultRequests } from './container-defaults.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { defaultVolume } from './volume-defaults.ts';

/** `serviceAccount` is the old name of `serviceAccountName`; objects show both, and the new one wins. */
export function mirrorServiceAccount(spec: Sent<PodSpec>): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (name === undefined || name === '') return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** Upstream's defaults of a pod spec, wherever it stands: in a pod or in a template. */
function defaultPodSpec(spec: Sent<PodSpec>): void {
  dropDisabledFields(spec);
  mirrorServiceAccount(spec);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  spec.containers ??= [];
  roundAmounts(spec.overhead);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])])
    defaultContainer(container);
}

/** Upstream's defaults of `owner.template` (a PodTemplateSpec); makes none where there is none. */
export function defaultPodTemplate(template: Sent<PodTemplateSpec> | undefined): void {
  if (template === undefined) return;
  template.metadata ??= {};
  (template.metadata as { creationTimestamp?: string | null }).creationTimestamp ??= null;
  template.spec ??= {};
  defaultPodSpec(template.spec);
}

/** `podIP` and the first of `podIPs` are one fact; the single field wins, as in upstream's conversion. */
function mirrorPodIp(status: Sent<PodStatus>): void {
  const single = status.podIP;
  if (single !== undefined && single !== '' && status.podIPs?.[0]?.ip !== single) status.podIPs = [{ ip: single }];
  const first = status.podIPs?.[0]?.ip;
  if (first !== undefined && first !== '') status.podIP = first;
}

/** Defaults of a Pod: those of its spec and what holds for pods alone. */
export function defaultPod(object: JsonObject): void {
  const pod = object as Sent<Pod>;
  pod.spec ??= {};
  defaultPodSpec(pod.spec);
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  for (const container of containers) defaultRequests(container);
  pod.spec.enableServiceLinks ??= true;
  if (pod.spec.hostNetwork === true) for (const container of containers) defaultHostPorts(container.ports);
  if (pod.status !== undefined) mirrorPodIp(pod.status);
}

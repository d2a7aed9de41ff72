/** The built-in admission plug-ins in the order of kube-apiserver. */
import type { Clock } from '../../base/index.ts';
import { adminAccess } from './admin-access.ts';
import { alwaysPullImages } from './pods/always-pull-images.ts';
import type { AdmissionConfiguration } from './configuration.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import { imagePolicyWebhook } from './pods/image-policy-webhook.ts';
import { claimResize } from './storage/claim-resize.ts';
import { defaultTolerationSeconds } from './pods/default-toleration-seconds.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './storage/default-storage-class.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';
import { limitRanger } from './pods/limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './nodes/node-restriction.ts';
import { mutatingAdmissionPolicy } from './policies/mutating-admission-policy.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { podSecurity } from './pods/pod-security.ts';
import { priority } from './pods/priority.ts';
import { runtimeClass } from './pods/runtime-class.ts';
import { serviceAccount } from './pods/service-account.ts';
import { storageObjectInUse } from './storage/storage-object-in-use.ts';
import { taintNodesByCondition } from './nodes/taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './policies/validating-admission-policy.ts';

/** Upstream's plug-ins in upstream's order (kube-apiserver AllOrderedPlugins). */
export function builtInPlugins(
  { imagePolicy, eventLimits }: AdmissionConfiguration,
  clock: Pick<Clock, 'monotonic'>,
): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    nodeRestriction,
    taintNodesByCondition,
    alwaysPullImages,
    ...(imagePolicy === undefined ? [] : [imagePolicyWebhook(imagePolicy, clock)]),
    podSecurity,
    priority,
    defaultTolerationSeconds,
    eventRateLimit(eventLimits, clock),
    defaultStorageClass,
    storageObjectInUse,
    claimResize,
    runtimeClass,
    defaultIngressClass,
    denyServiceExternalIps,
    adminAccess,
    mutatingAdmissionPolicy,
    validatingAdmissionPolicy,
  ];
}

/** Those that upstream has off as well, unless the operator names them. */
export const offByDefault: ReadonlySet<string> = new Set([
  'AlwaysPullImages',
  'ImagePolicyWebhook',
  'EventRateLimit',
  'DenyServiceExternalIPs',
]);

import { claimResize } from './claim-resize.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { podSecurity } from './pod-security.ts';
import { priority } from './priority.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUse } from './storage-object-in-use.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';

/** Upstream's default plug-ins in upstream's order (kube-apiserver AllOrderedPlugins). */
export const builtInPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUse,
  claimResize,
  runtimeClass,
  defaultIngressClass,
  mutatingAdmissionPolicy,
  validatingAdmissionPolicy,
];

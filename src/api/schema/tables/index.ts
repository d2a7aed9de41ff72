/** The tables, by the prefix of their type names. */

import { admissionV1 } from './admission-v1.ts';
import { admissionregistrationV1 } from './admissionregistration-v1.ts';
import { admissionregistrationV1alpha1 } from './admissionregistration-v1alpha1.ts';
import { apiextensionsV1 } from './apiextensions-v1.ts';
import { apiregistrationV1 } from './apiregistration-v1.ts';
import { appsV1 } from './apps-v1.ts';
import { authenticationV1 } from './authentication-v1.ts';
import { authorizationV1 } from './authorization-v1.ts';
import { autoscalingV1 } from './autoscaling-v1.ts';
import { autoscalingV2 } from './autoscaling-v2.ts';
import { batchV1 } from './batch-v1.ts';
import { certificatesV1 } from './certificates-v1.ts';
import { coordinationV1 } from './coordination-v1.ts';
import { coreV1 } from './core-v1.ts';
import { discoveryV1 } from './discovery-v1.ts';
import { eventsV1 } from './events-v1.ts';
import { flowcontrolV1 } from './flowcontrol-v1.ts';
import { metaV1 } from './meta-v1.ts';
import { metricsV1beta1 } from './metrics-v1beta1.ts';
import { networkingV1 } from './networking-v1.ts';
import { nodeV1 } from './node-v1.ts';
import { policyV1 } from './policy-v1.ts';
import { rbacV1 } from './rbac-v1.ts';
import { resourceV1beta1 } from './resource-v1beta1.ts';
import { resourceV1beta2 } from './resource-v1beta2.ts';
import { schedulingV1 } from './scheduling-v1.ts';
import { storageV1 } from './storage-v1.ts';

interface Table {
  /** API group of the kinds in this table; '' for core and for the shared types. */
  readonly group: string;
  readonly version: string;
  /** Entries in the form that type-entry.ts reads. */
  readonly text: string;
  /** Its resources are served only where the settings name the group version, or once nodes are measured. */
  readonly optional?: true | undefined;
}

/** In the order in which discovery shows the groups. */
export const tables: Readonly<Record<string, Table>> = {
  'core/v1': { group: '', version: 'v1', text: coreV1 },
  'apiregistration/v1': { group: 'apiregistration.k8s.io', version: 'v1', text: apiregistrationV1 },
  'apps/v1': { group: 'apps', version: 'v1', text: appsV1 },
  'events/v1': { group: 'events.k8s.io', version: 'v1', text: eventsV1 },
  'authentication/v1': { group: 'authentication.k8s.io', version: 'v1', text: authenticationV1 },
  'authorization/v1': { group: 'authorization.k8s.io', version: 'v1', text: authorizationV1 },
  'autoscaling/v2': { group: 'autoscaling', version: 'v2', text: autoscalingV2 },
  'autoscaling/v1': { group: 'autoscaling', version: 'v1', text: autoscalingV1 },
  'batch/v1': { group: 'batch', version: 'v1', text: batchV1 },
  'certificates/v1': { group: 'certificates.k8s.io', version: 'v1', text: certificatesV1 },
  'networking/v1': { group: 'networking.k8s.io', version: 'v1', text: networkingV1 },
  'policy/v1': { group: 'policy', version: 'v1', text: policyV1 },
  'rbac/v1': { group: 'rbac.authorization.k8s.io', version: 'v1', text: rbacV1 },
  'storage/v1': { group: 'storage.k8s.io', version: 'v1', text: storageV1 },
  'admissionregistration/v1': { group: 'admissionregistration.k8s.io', version: 'v1', text: admissionregistrationV1 },
  'apiextensions/v1': { group: 'apiextensions.k8s.io', version: 'v1', text: apiextensionsV1 },
  'scheduling/v1': { group: 'scheduling.k8s.io', version: 'v1', text: schedulingV1 },
  'coordination/v1': { group: 'coordination.k8s.io', version: 'v1', text: coordinationV1 },
  'node/v1': { group: 'node.k8s.io', version: 'v1', text: nodeV1 },
  'discovery/v1': { group: 'discovery.k8s.io', version: 'v1', text: discoveryV1 },
  'flowcontrol/v1': { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', text: flowcontrolV1 },
  'admissionregistration/v1alpha1': {
    group: 'admissionregistration.k8s.io',
    version: 'v1alpha1',
    text: admissionregistrationV1alpha1,
    optional: true,
  },
  'resource/v1beta1': { group: 'resource.k8s.io', version: 'v1beta1', text: resourceV1beta1, optional: true },
  'resource/v1beta2': { group: 'resource.k8s.io', version: 'v1beta2', text: resourceV1beta2, optional: true },
  'metrics/v1beta1': { group: 'metrics.k8s.io', version: 'v1beta1', text: metricsV1beta1, optional: true },
  'admission/v1': { group: 'admission.k8s.io', version: 'v1', text: admissionV1 },
  'meta/v1': { group: '', version: 'v1', text: metaV1 },
};

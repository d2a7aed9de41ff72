/**
 * The kinds of the core group: pods and what they need, services and endpoints, configuration, namespaces, nodes,
 * storage.
 *
 * Pod specs stand in many kinds; their defaults and checks are in pod/ and work under any path.
 */
import type { KindBehaviour } from '../behaviour.ts';
import { coreEventBehaviour } from '../events/index.ts';
import { componentStatusBehaviour } from './component-status.ts';
import { configMapBehaviour } from './config-map.ts';
import { endpointsBehaviour } from './endpoints.ts';
import { limitRangeBehaviour } from './limit-range.ts';
import { namespaceBehaviour } from './namespace.ts';
import { nodeBehaviour } from './node.ts';
import { persistentVolumeClaimBehaviour } from './persistent-volume-claim.ts';
import { persistentVolumeBehaviour } from './persistent-volume.ts';
import { podBehaviour } from './pod/pod-behaviour.ts';
import { podTemplateBehaviour } from './pod-template.ts';
import { replicationControllerBehaviour } from './replication-controller.ts';
import { resourceQuotaBehaviour } from './resource-quota.ts';
import { secretBehaviour } from './secret.ts';
import { serviceAccountBehaviour } from './service-account.ts';
import { serviceBehaviour } from './service/service-behaviour.ts';

export { csiDriverNameErrors, csiSecretErrors } from './volume-sources-validation.ts';
export { accessModeErrors } from './access-modes.ts';
export { base64Length } from './base64.ts';
export { isSequence, pemBlocksOf } from './pem.ts';
export { containerResourceNameErrors } from './resource-names.ts';
export { resourceRequirementsErrors } from './resource-requirements-validation.ts';
export { dropGatedFields } from './pod/gated-fields.ts';
export { nodeSelectorErrors, tolerationsErrors } from './pod/scheduling-validation.ts';
export { templateMetadataErrors } from './claim-spec-validation.ts';

export const coreBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'core/componentstatuses': componentStatusBehaviour,
  'core/configmaps': configMapBehaviour,
  'core/endpoints': endpointsBehaviour,
  'core/events': coreEventBehaviour,
  'core/limitranges': limitRangeBehaviour,
  'core/namespaces': namespaceBehaviour,
  'core/nodes': nodeBehaviour,
  'core/persistentvolumeclaims': persistentVolumeClaimBehaviour,
  'core/persistentvolumes': persistentVolumeBehaviour,
  'core/pods': podBehaviour,
  'core/podtemplates': podTemplateBehaviour,
  'core/replicationcontrollers': replicationControllerBehaviour,
  'core/resourcequotas': resourceQuotaBehaviour,
  'core/secrets': secretBehaviour,
  'core/serviceaccounts': serviceAccountBehaviour,
  'core/services': serviceBehaviour,
};

/**
 * What each Kubernetes kind adds to the generic write path: defaults, what a client may set, validation, which fields
 * may change, the columns of its Table and its selectable fields.
 *
 * A kind is one KindBehaviour of pure functions in a folder named like its API group; `behaviourOf` finds it by group
 * and resource. Error texts, field paths and defaults are those of Kubernetes 1.33 and part of the contract.
 */
import type { ServedResource } from '../schema/index.ts';
import type { KindBehaviour } from './behaviour.ts';
import { admissionregistrationBehaviours } from './admissionregistration/index.ts';
import { apiextensionsBehaviours } from './apiextensions/index.ts';
import { apiregistrationBehaviours } from './apiregistration/index.ts';
import { appsBehaviours } from './apps/index.ts';
import { autoscalingBehaviours } from './autoscaling/index.ts';
import { batchBehaviours } from './batch/index.ts';
import { certificatesBehaviours } from './certificates/index.ts';
import { coordinationBehaviours } from './coordination/index.ts';
import { coreBehaviours } from './core/index.ts';
import { discoveryBehaviours } from './discovery/index.ts';
import { eventsBehaviours } from './events/index.ts';
import { flowcontrolBehaviours } from './flowcontrol/index.ts';
import { networkingBehaviours } from './networking/index.ts';
import { nodeBehaviours } from './node/index.ts';
import { policyBehaviours } from './policy/index.ts';
import { rbacBehaviours } from './rbac/index.ts';
import { resourceBehaviours } from './resource/index.ts';
import { schedulingBehaviours } from './scheduling/index.ts';
import { storageBehaviours } from './storage/index.ts';
import { defaultBehaviour } from './default-behaviour.ts';

export type {
  KindBehaviour,
  MetadataChecks,
  Requester,
  SubresourceBehaviour,
  TableCell,
  TableColumn,
} from './behaviour.ts';
export type { CountedObject, QuotaRules, ScopeRequirement } from './quota.ts';
export { defaultBehaviour } from './default-behaviour.ts';
export { typeWarnings } from './admissionregistration/index.ts';
export { type CertificationRequest, parseCertificationRequest } from './certificates/certification-request.ts';
export { ageOf } from './columns.ts';
export { dropGatedFields } from './core/index.ts';
export { fixedFlowSchemas, fixedPriorityLevels } from './flowcontrol/index.ts';
export { metadataOf } from './strategy.ts';

/** Keys are `group/resource`, or `group/version/resource` where versions differ; the core group is `core`. */
const behaviours: Readonly<Record<string, KindBehaviour>> = {
  ...admissionregistrationBehaviours,
  ...apiextensionsBehaviours,
  ...apiregistrationBehaviours,
  ...appsBehaviours,
  ...autoscalingBehaviours,
  ...batchBehaviours,
  ...certificatesBehaviours,
  ...coordinationBehaviours,
  ...coreBehaviours,
  ...discoveryBehaviours,
  ...eventsBehaviours,
  ...flowcontrolBehaviours,
  ...networkingBehaviours,
  ...nodeBehaviours,
  ...policyBehaviours,
  ...rbacBehaviours,
  ...resourceBehaviours,
  ...schedulingBehaviours,
  ...storageBehaviours,
};

/** Found once for each resource. */
const byInfo = new WeakMap<ServedResource, KindBehaviour>();

/**
 * The behaviour of a resource: its own, the one that a custom resource brings along, or `defaultBehaviour`. The same
 * info gives the same object.
 */
export function behaviourOf(
  info: ServedResource & { readonly custom?: { readonly behaviour: KindBehaviour } },
): KindBehaviour {
  if (info.custom !== undefined) return info.custom.behaviour;
  let behaviour = byInfo.get(info);
  if (behaviour === undefined) byInfo.set(info, (behaviour = findBehaviour(info)));
  return behaviour;
}

function findBehaviour(info: ServedResource): KindBehaviour {
  const group = info.group === '' ? 'core' : info.group;
  const own = behaviours[`${group}/${info.version}/${info.resource}`] ?? behaviours[`${group}/${info.resource}`];
  return own ?? defaultBehaviour(info);
}

/** Decides the names and the end of a CustomResourceDefinition. */
import {
  type CustomResourceDefinition,
  decideNames,
  type GroupResource,
  type KubeObject,
  type New,
  setCondition,
  timeText,
} from '../../api/index.ts';
import { stableText } from '../runtime/index.ts';
import { approvalCondition } from './approval.ts';

/** Holds a definition until its objects are gone. */
const cleanup = 'customresourcecleanup.apiextensions.k8s.io';

export type Definition = CustomResourceDefinition;
type Status = New<Definition['status']>;

/** The status with which a definition is served; undefined: it has it already. */
export function planNames(definition: Definition, all: readonly Definition[], nowMs: number): Status | undefined {
  const now = timeText(nowMs);
  const names = decideNames(definition, all, now);
  const approval = approvalCondition(definition);
  const conditions = approval === undefined ? names.conditions : setCondition(names.conditions, approval, now);
  return changed(definition, { ...names, conditions });
}

/** The collection of a definition's objects. */
export function collectionOf({ spec, status }: Definition): GroupResource {
  return { group: spec.group, resource: status.acceptedNames?.plural ?? spec.names.plural };
}

export const isEnding = (definition: Definition): boolean =>
  definition.metadata.deletionTimestamp !== undefined && (definition.metadata.finalizers ?? []).includes(cleanup);

/** The next step of a definition that is ending: its objects go first. */
type EndPlan =
  | { readonly type: 'let-go'; readonly definition: Definition }
  /** `status` is undefined when the definition says so already; `deleteObjects` while some are not being deleted. */
  | { readonly type: 'empty'; readonly status: Status | undefined; readonly deleteObjects: boolean };

export function planEnd(definition: Definition, objects: readonly KubeObject[], now: number): EndPlan {
  if (objects.length === 0) {
    const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanup);
    return { type: 'let-go', definition: { ...definition, metadata: { ...definition.metadata, finalizers } } };
  }
  const terminating = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  };
  const conditions = setCondition(definition.status.conditions, terminating, timeText(now));
  return {
    type: 'empty',
    status: changed(definition, { conditions }),
    deleteObjects: objects.some(({ metadata }) => metadata.deletionTimestamp === undefined),
  };
}

function changed(definition: Definition, parts: Status): Status | undefined {
  const status = { ...definition.status, ...parts };
  return stableText(status) === stableText(definition.status) ? undefined : status;
}

import {
  type CustomResourceDefinition,
  decideNames,
  type DefinitionCondition,
  timeText,
  withCondition,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  type ReconcileResult,
  refOf,
  stableText,
  unlessGone,
} from '../runtime/index.ts';
import type { Stored } from '../objects.ts';
import { approvalCondition } from './approval.ts';

const definitions = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };
const cleanup = 'customresourcecleanup.apiextensions.k8s.io';
/** While objects remain whose end nothing announces, they are looked at again after this long. */
const lookAgainMs = 5_000;

type Definition = CustomResourceDefinition & Stored;

/** Gives definitions their names, and removes the objects of those that are being deleted before they go themselves. */
export function customResourceDefinitionController(): Controller {
  return { name: 'customresourcedefinition-controller', resource: definitions, keysFor, reconcile };
}

/**
 * A definition wakes all of its group, which it may want names from; an object wakes its definition if that is ending.
 */
function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, definitions)) {
    const { group } = (change.object as Definition).spec ?? {};
    return ports.view
      .list<Definition>(definitions)
      .filter(({ spec }) => spec?.group === group)
      .map(({ metadata }) => metadata.name);
  }
  if (!change.resource.group.includes('.')) return [];
  const name = `${change.resource.resource}.${change.resource.group}`;
  return ports.view.get(definitions, undefined, name)?.metadata.deletionTimestamp === undefined ? [] : [name];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const definition = ports.view.get<Definition>(definitions, undefined, key);
  if (definition === undefined) return undefined;
  if (definition.metadata.deletionTimestamp !== undefined) return end(definition, ports);
  const now = timeText(ports.clock.now());
  const names = decideNames(definition, ports.view.list<Definition>(definitions), now);
  const approval = approvalCondition(definition);
  await writeStatus(
    definition,
    approval === undefined ? names : { ...names, conditions: withCondition(names.conditions, approval, now) },
    ports,
  );
  return undefined;
}

async function writeStatus(
  definition: Definition,
  status: Pick<NonNullable<CustomResourceDefinition['status']>, 'acceptedNames' | 'conditions'>,
  ports: ControllerPorts,
): Promise<void> {
  const body = { ...definition, status: { ...definition.status, ...status } };
  if (stableText(body.status) === stableText(definition.status ?? {})) return;
  await unlessGone(ports.client.update(refOf(definitions, definition), body, { subresource: 'status' }));
}

async function end(definition: Definition, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  if (!(definition.metadata.finalizers ?? []).includes(cleanup)) return undefined;
  const { group = '', names = {} } = definition.spec ?? {};
  const resource = { group, resource: definition.status?.acceptedNames?.plural ?? names.plural ?? '' };
  const objects = ports.view.list(resource);
  if (objects.length === 0) {
    const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanup);
    await unlessGone(
      ports.client.update(refOf(definitions, definition), {
        ...definition,
        metadata: { ...definition.metadata, finalizers },
      }),
    );
    return undefined;
  }
  await tell(
    definition,
    { reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' },
    ports,
  );
  if (objects.some(({ metadata }) => metadata.deletionTimestamp === undefined))
    await unlessGone(ports.client.deleteCollection(resource, { propagation: 'Background' }));
  return { requeueAfterMs: lookAgainMs };
}

async function tell(
  definition: Definition,
  text: Pick<DefinitionCondition, 'reason' | 'message'>,
  ports: ControllerPorts,
): Promise<void> {
  const conditions = withCondition(
    definition.status?.conditions ?? [],
    { type: 'Terminating', status: 'True', ...text },
    timeText(ports.clock.now()),
  );
  await writeStatus(definition, { conditions }, ports);
}

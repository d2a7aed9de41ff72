/** Gives CustomResourceDefinitions their names, and empties them before they go. */
import { resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  type ReconcileResult,
  refOf,
  unlessGone,
  writeStatus,
} from '../runtime/index.ts';
import { collectionOf, type Definition, isEnding, planEnd, planNames } from './reconcile.ts';

const definitions = resources.customResourceDefinitions;
/** How often a definition checks for objects that are left: nothing announces that the last one went. */
const emptyingMs = 5_000;

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
  if (definition.metadata.deletionTimestamp !== undefined)
    return isEnding(definition) ? end(definition, ports) : undefined;
  const status = planNames(definition, ports.view.list<Definition>(definitions), ports.clock.now());
  if (status !== undefined) await unlessGone(writeStatus(ports, definitions, definition, status));
  return undefined;
}

async function end(definition: Definition, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const collection = collectionOf(definition);
  const plan = planEnd(definition, ports.view.list(collection), ports.clock.now());
  if (plan.type === 'let-go') {
    await unlessGone(ports.client.update(refOf(definitions, definition), plan.definition));
    return undefined;
  }
  if (plan.status !== undefined) await unlessGone(writeStatus(ports, definitions, definition, plan.status));
  if (plan.deleteObjects) await unlessGone(ports.client.deleteCollection(collection, { propagation: 'Background' }));
  return { requeueAfterMs: emptyingMs };
}

/** Decides which names of a CustomResourceDefinition are accepted. */

import { setCondition } from '../objects/index.ts';
import { type Definition, type DefinitionCondition, type DefinitionNames, hasCondition } from './definition.ts';

/** Names that the other definitions of a group have been given. */
interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

interface NamesDecision {
  readonly acceptedNames: DefinitionNames;
  readonly conditions: readonly DefinitionCondition[];
}

function takenNames(definition: Definition, others: readonly Definition[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of others) {
    if (other.metadata.name === definition.metadata.name || other.spec?.group !== definition.spec?.group) continue;
    const { plural, singular, shortNames = [], kind, listKind } = other.status?.acceptedNames ?? {};
    for (const name of [plural, singular, ...shortNames]) if (name !== undefined && name !== '') resources.add(name);
    for (const name of [kind, listKind]) if (name !== undefined && name !== '') kinds.add(name);
  }
  return { resources, kinds };
}

/**
 * Which names a definition gets, and the conditions that say so: a name that another definition of the group has is
 * not accepted, and the definition is established once it has all of them. `now` is RFC 3339. Follows upstream's
 * naming and establishing controllers.
 */
export function decideNames(definition: Definition, others: readonly Definition[], now: string): NamesDecision {
  const taken = takenNames(definition, others);
  const desired = definition.spec?.names ?? {};
  const has: DefinitionNames = definition.status?.acceptedNames ?? {};
  const given: Record<string, unknown> = { ...has };
  let refusal: { readonly reason: string; readonly message: string } | undefined;
  const accept = (field: 'plural' | 'singular' | 'kind' | 'listKind', names: ReadonlySet<string>): void => {
    const name = desired[field] ?? '';
    if (name !== (has[field] ?? '') && names.has(name))
      refusal = {
        reason: `${field.charAt(0).toUpperCase()}${field.slice(1)}Conflict`,
        message: `${JSON.stringify(name)} is already in use`,
      };
    else given[field] = name;
  };
  accept('plural', taken.resources);
  accept('singular', taken.resources);
  const { shortNames = [] } = desired;
  const refused = shortNames
    .filter((name) => !(has.shortNames ?? []).includes(name) && taken.resources.has(name))
    .map((name) => `${JSON.stringify(name)} is already in use`);
  if (refused.length > 0)
    refusal = {
      reason: 'ShortNamesConflict',
      message: refused.length === 1 ? (refused[0] ?? '') : `[${refused.join(', ')}]`,
    };
  else if (shortNames.length > 0) given['shortNames'] = shortNames;
  else delete given['shortNames'];
  accept('kind', taken.kinds);
  accept('listKind', taken.kinds);
  if ((desired.categories ?? []).length > 0) given['categories'] = desired.categories;
  else delete given['categories'];
  return { acceptedNames: given, conditions: namesConditions(definition, refusal, now) };
}

function namesConditions(
  definition: Definition,
  refusal: { readonly reason: string; readonly message: string } | undefined,
  now: string,
): readonly DefinitionCondition[] {
  const accepted: DefinitionCondition =
    refusal === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...refusal };
  const established: DefinitionCondition =
    refusal === undefined
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const made = setCondition(definition.status?.conditions ?? [], accepted, now);
  return hasCondition(definition, 'Established') ? made : setCondition(made, established, now);
}

/** Which FlowSchema leads a request to which priority level. */
import type { FlowSchema, PolicyRulesWithSubjects } from '../../api/index.ts';
import type { Requester } from '../../resources/index.ts';
import type { FlowFigures } from './flow-figures.ts';
import type { PriorityLevel } from './priority-level.ts';
import { rulesOfUser } from './schema-matching.ts';

/** By which schema a request goes, and to which level: their UIDs stand in the answer. */
export interface FlowClass {
  readonly schema: string;
  readonly schemaUid: string;
  readonly levelUid: string;
}

/** A FlowSchema whose priority level exists. */
export interface FlowRoute extends FlowClass {
  readonly level: PriorityLevel;
  readonly figures: FlowFigures;
  /** ByUser, ByNamespace, or undefined: all requests of the schema are one flow. */
  readonly distinguishBy: string | undefined;
  readonly rules: readonly PolicyRulesWithSubjects[];
}

interface RouteParts {
  readonly levels: ReadonlyMap<string, PriorityLevel>;
  readonly levelUids: ReadonlyMap<string, string>;
  readonly figuresOf: (schema: string, level: string) => FlowFigures;
}

/** In the order in which schemas are tried; a schema whose level does not exist counts for nothing. */
export function routesOf(
  schemas: readonly FlowSchema[],
  { levels, levelUids, figuresOf }: RouteParts,
): readonly FlowRoute[] {
  return schemas.toSorted(byPrecedence).flatMap(({ metadata, spec }) => {
    const level = levels.get(spec.priorityLevelConfiguration.name);
    if (level === undefined) return [];
    return [
      {
        level,
        figures: figuresOf(metadata.name, level.name),
        levelUid: levelUids.get(level.name) ?? '',
        schema: metadata.name,
        schemaUid: metadata.uid,
        distinguishBy: spec.distinguisherMethod?.type,
        rules: spec.rules ?? [],
      },
    ];
  });
}

/** The routes that some rule opens to the user, each with those rules alone. */
export function routesOfUser(routes: readonly FlowRoute[], user: Requester): readonly FlowRoute[] {
  return routes
    .map((route) => ({ ...route, rules: rulesOfUser(route.rules, user) }))
    .filter(({ rules }) => rules.length > 0);
}

function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  const difference = a.spec.matchingPrecedence - b.spec.matchingPrecedence;
  if (difference !== 0) return difference;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

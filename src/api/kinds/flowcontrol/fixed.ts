/** The mandatory FlowSchemas and PriorityLevelConfigurations. */

import { deepEqual, type FieldError, invalid } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';

const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};
const groups = (...names: readonly string[]): JsonObject[] => names.map((name) => ({ kind: 'Group', group: { name } }));

/** The mandatory schemas, which cannot be changed. */
export const fixedFlowSchemas: Readonly<Record<string, JsonObject>> = {
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: groups('system:unauthenticated', 'system:authenticated'), ...everything }],
  },
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: groups('system:masters'), ...everything }],
  },
};

/** The levels that every server needs: only what the exempt one lends can be changed. */
export const fixedPriorityLevels: Readonly<Record<string, JsonObject>> = {
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
  },
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
};

export function fixedSchemaErrors(object: KubeObject): FieldError[] {
  const fixed = fixedFlowSchemas[object.metadata.name ?? ''];
  return fixed === undefined || deepEqual(object.spec, fixed) ? [] : [changed(object, '')];
}

export function fixedLevelErrors(object: KubeObject): FieldError[] {
  const fixed = fixedPriorityLevels[object.metadata.name ?? ''];
  const isExempt = object.metadata.name === 'exempt';
  const { exempt: _exempt, ...rest } = (object.spec ?? {}) as JsonObject;
  const { exempt: _fixed, ...wanted } = fixed ?? {};
  if (fixed === undefined || (isExempt ? deepEqual(rest, wanted) : deepEqual(object.spec, fixed))) return [];
  return [changed(object, isExempt ? " except the 'spec.exempt' field" : '')];
}

function changed({ metadata, spec }: KubeObject, except: string): FieldError {
  return invalid('spec', spec, `spec of '${metadata.name ?? ''}'${except} must equal the fixed value`);
}

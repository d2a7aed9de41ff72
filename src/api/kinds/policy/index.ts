/** Disruption budgets: how many pods may be evicted at a time. */
import type { PodDisruptionBudget, Sent } from '../../objects/index.ts';
import {
  type FieldError,
  invalid,
  type IntOrString,
  nameIsPathSegment,
  validateLabelSelector,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour, MetadataChecks } from '../behaviour.ts';
import { atMostAll, countOrPercent } from '../int-or-percent.ts';
import { choice, nonNegative } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { conditionErrors } from '../conditions.ts';
import { statusSubresource, strategy } from '../strategy.ts';

const budgetOf = (object: object): Sent<PodDisruptionBudget> => object as Sent<PodDisruptionBudget>;

const amountErrors = (path: string, amount: IntOrString | undefined): FieldError[] => [
  ...countOrPercent(path, amount),
  ...atMostAll(path, amount),
];

function budgetErrors(object: KubeObject): FieldError[] {
  const spec = budgetOf(object).spec ?? {};
  const both = spec.minAvailable !== undefined && spec.maxUnavailable !== undefined;
  return [
    ...(both ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...amountErrors('spec.minAvailable', spec.minAvailable),
    ...amountErrors('spec.maxUnavailable', spec.maxUnavailable),
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...choice('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget']),
  ];
}

function statusErrors(object: KubeObject): FieldError[] {
  const { conditions, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } =
    budgetOf(object).status ?? {};
  const counts = Object.entries({ disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods });
  return [
    ...conditionErrors('status.conditions', conditions),
    ...counts.flatMap(([field, value]) => nonNegative(`status.${field}`, value)),
  ];
}

const shown = (amount: IntOrString | undefined): string => (amount === undefined ? 'N/A' : String(amount));

const unchecked: MetadataChecks = { changes: 0, wholes: 0 };

export const policyBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'policy/poddisruptionbudgets': {
    ...strategy({ generation: true, status: true }),
    allowUnconditionalUpdate: false,
    validate: budgetErrors,
    subresources: { status: { ...statusSubresource(), validateUpdate: statusErrors, metadataChecks: unchecked } },
    // Upstream checks a budget's metadata for what holds for every kind alone.
    metadataChecks: unchecked,
    plainFinalizers: true,
    nameCheck: (name, prefix = false) => nameIsPathSegment(name, prefix),
    columns: [
      nameColumn,
      column('Min Available', 'Number of pods that must remain available.'),
      column('Max Unavailable', 'Number of pods that may be unavailable.'),
      column('Allowed Disruptions', 'Number of pods that may be evicted now.', { type: 'integer' }),
      ageColumn,
    ],
    row(object, now) {
      const { spec = {}, status = {} } = budgetOf(object);
      return [
        object.metadata.name ?? '',
        shown(spec.minAvailable),
        shown(spec.maxUnavailable),
        status.disruptionsAllowed ?? 0,
        ageOf(object, now),
      ];
    },
  },
};

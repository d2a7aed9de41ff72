/** Runtime classes: which handler of a node's container runtime runs a pod, and what that costs. */
import type { RuntimeClass, Sent, Toleration } from '../../objects/index.ts';
import { dns1123Label, duplicate, type FieldError, immutableField, validateLabels } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { resourceRequirementsErrors, tolerationsErrors } from '../core/index.ts';
import { replacedLabelWarnings } from '../node-labels.ts';
import { strategy } from '../strategy.ts';

const classOf = (object: object): Sent<RuntimeClass> => object as Sent<RuntimeClass>;

/** Tolerations that differ only in tolerationSeconds are duplicates. */
function repeatedTolerations(tolerations: readonly Sent<Toleration>[], path: string): FieldError[] {
  const seen = new Set<string>();
  return each(path, tolerations, (toleration, at) => {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    if (seen.has(identity)) return [duplicate(at, toleration)];
    seen.add(identity);
    return [];
  });
}

function classErrors(object: KubeObject): FieldError[] {
  const { handler = '', overhead, scheduling } = classOf(object);
  const tolerations = scheduling?.tolerations ?? [];
  return [
    ...invalids('handler', handler, dns1123Label(handler)),
    ...(overhead?.podFixed === undefined
      ? []
      : resourceRequirementsErrors({ limits: overhead.podFixed }, 'overhead', new Set())),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...tolerationsErrors(tolerations, 'scheduling.tolerations'),
    ...repeatedTolerations(tolerations, 'scheduling.tolerations'),
  ];
}

export const nodeBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'node.k8s.io/runtimeclasses': {
    ...strategy({ generation: false, status: false }),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    validate: classErrors,
    warnings: (object) =>
      replacedLabelWarnings(
        Object.keys(classOf(object).scheduling?.nodeSelector ?? {}),
        () => 'scheduling.nodeSelector',
      ),
    validateUpdate: (object, old) => [
      ...classErrors(object),
      ...immutableField(classOf(object).handler, classOf(old).handler, 'handler'),
    ],
    metadataChecks: { changes: 1, wholes: 1 },
    columns: [nameColumn, column('Handler', 'Runtime handler of its pods.'), ageColumn],
    row: (object, now) => [object.metadata.name ?? '', classOf(object).handler ?? '', ageOf(object, now)],
  },
};

/** Runtime classes: which handler of a node's container runtime runs a pod, and what that costs. */
import { deepEqual, dns1123Label, duplicate, type FieldError, immutableField, validateLabels } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { resourceRequirementsErrors, tolerationsErrors } from '../core/index.ts';
import { replacedLabelWarnings } from '../node-labels.ts';
import { strategy } from '../strategy.ts';
import type { RuntimeClass } from '../types/node.ts';
import type { Toleration } from '../types/pod-spec.ts';

const classOf = (object: object): RuntimeClass => object as RuntimeClass;

function repeatedTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const repeated = tolerations.slice(0, index).some((other) => deepEqual(other, toleration));
    return repeated ? [duplicate(`${path}[${index}]`, toleration)] : [];
  });
}

function classErrors(object: KubeObject): FieldError[] {
  const { handler = '', overhead, scheduling } = classOf(object);
  const tolerations = scheduling?.tolerations ?? [];
  return [
    ...invalids('handler', handler, dns1123Label(handler)),
    ...(overhead?.podFixed === undefined ? [] : resourceRequirementsErrors({ limits: overhead.podFixed }, 'overhead.podFixed', new Set())),
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
    warnings: (object) => replacedLabelWarnings(Object.keys(classOf(object).scheduling?.nodeSelector ?? {}), () => 'scheduling.nodeSelector'),
    validateUpdate: (object, old) => [...classErrors(object), ...immutableField(classOf(object).handler, classOf(old).handler, 'handler')],
    columns: [nameColumn, column('Handler', 'What runs its pods.'), ageColumn],
    row: (object, now) => [object.metadata.name ?? '', classOf(object).handler ?? '', ageOf(object, now)],
  },
};

/** Priority classes: names for the order in which pods get room. */
import type { PriorityClass, Sent } from '../../objects/index.ts';
import { type FieldError, forbidden, immutableField } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { requiredChoice } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { firstGeneration, keepMetadata, strategy } from '../strategy.ts';

const userPriorityMax = 1_000_000_000;
const systemPrefix = 'system-';
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

const classOf = (object: object): Sent<PriorityClass> => object as Sent<PriorityClass>;

function systemProblem(name: string, priorityClass: Sent<PriorityClass>): string | undefined {
  const value = systemClasses[name];
  if (value === undefined) return `${name} is not a known system priority class`;
  if (priorityClass.value !== value) return `value of ${name} PriorityClass must be ${value}`;
  return priorityClass.globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function classErrors(object: KubeObject): FieldError[] {
  const priorityClass = classOf(object);
  const name = object.metadata.name ?? '';
  const errors: FieldError[] = [];
  if (name.startsWith(systemPrefix)) {
    const problem = systemProblem(name, priorityClass);
    if (problem !== undefined) {
      errors.push(
        forbidden(
          'metadata.name',
          `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${problem}`,
        ),
      );
    }
  } else if ((priorityClass.value ?? 0) > userPriorityMax) {
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${userPriorityMax}`));
  }
  if (priorityClass.preemptionPolicy === undefined) return errors;
  return [
    ...errors,
    ...requiredChoice('preemptionPolicy', priorityClass.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
  ];
}

export const schedulingBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'scheduling.k8s.io/priorityclasses': {
    ...strategy({ generation: true, status: false }),
    defaults(object) {
      classOf(object).preemptionPolicy ??= 'PreemptLowerPriority';
    },
    deletionRefusal: (name) =>
      systemClasses[name] === undefined ? undefined : 'this is a system priority class and cannot be deleted',
    prepareForCreate: firstGeneration,
    // The fields that may change do not count as a new generation.
    prepareForUpdate(object, old) {
      keepMetadata(object, old, 'generation');
    },
    validate: classErrors,
    validateUpdate(object, old) {
      const [value, before] = [classOf(object).value ?? 0, classOf(old).value ?? 0];
      return [
        ...(value === before ? [] : [forbidden('value', 'may not be changed in an update.')]),
        ...immutableField(classOf(object).preemptionPolicy, classOf(old).preemptionPolicy, 'preemptionPolicy'),
      ];
    },
    columns: [
      nameColumn,
      column('Value', 'Priority of its pods.', { type: 'integer' }),
      column('Global-Default', 'Whether it is the default for pods without a class.', { type: 'boolean' }),
      ageColumn,
      column('PreemptionPolicy', 'Whether its pods preempt others.'),
    ],
    row(object, now) {
      const priorityClass = classOf(object);
      return [
        object.metadata.name ?? '',
        priorityClass.value ?? 0,
        priorityClass.globalDefault ?? false,
        ageOf(object, now),
        priorityClass.preemptionPolicy ?? '',
      ];
    },
  },
};

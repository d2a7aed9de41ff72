/** The kind StorageClass: defaults, validation and Table columns. */

import type { Sent, StorageClass, TopologySelectorTerm } from '../../objects/index.ts';
import {
  byteLength,
  deepEqual,
  duplicate,
  type FieldError,
  forbidden,
  immutableField,
  invalid,
  qualifiedName,
  required,
  tooLong,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, duplicates, each, invalids, isSet } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { replacedLabelWarnings } from '../node-labels.ts';
import { strategy } from '../strategy.ts';

const parametersMax = 512;
const parameterBytesMax = 256 * 1024;
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const classOf = (object: object): Sent<StorageClass> => object as Sent<StorageClass>;

function parameterErrors(parameters: Readonly<Record<string, string>>): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > parametersMax)
    return [tooLong('parameters', 'Provisioner Parameters exceeded max allowed', parametersMax)];
  const bytes = entries.reduce((total, [key, value]) => total + byteLength(key) + byteLength(value), 0);
  return [
    ...entries.flatMap(([key]) => (key === '' ? [invalid('parameters', key, 'field can not be empty.')] : [])),
    ...(bytes > parameterBytesMax ? [tooLong('parameters', '', parameterBytesMax)] : []),
  ];
}

function topologyErrors(terms: readonly Sent<TopologySelectorTerm>[] | undefined): FieldError[] {
  const path = 'allowedTopologies';
  return each(path, terms, (term, at, index) => {
    const keys = new Set<string>();
    const errors = each(`${at}.matchLabelExpressions`, term.matchLabelExpressions, (requirement, expressionPath) => {
      const { key = '', values = [] } = requirement;
      const found = [
        ...(values.length === 0 ? [required(`${expressionPath}.values`)] : []),
        ...duplicates(`${expressionPath}.values`, values),
        ...invalids(`${expressionPath}.key`, key, qualifiedName(key)),
      ];
      if (keys.has(key)) found.push(duplicate(`${expressionPath}.key`, key));
      keys.add(key);
      return found;
    });
    const chosen = valuesByKey(term);
    // Upstream compares with as many empty terms besides, which its list begins with.
    const others = [...(terms ?? []).map(() => ({})), ...(terms ?? []).slice(0, index).map(valuesByKey)];
    return [
      ...errors,
      ...others.filter((other) => deepEqual(other, chosen)).map(() => duplicate(`${at}.matchLabelExpressions`, '')),
    ];
  });
}

function valuesByKey({ matchLabelExpressions = [] }: Sent<TopologySelectorTerm>): Record<string, readonly string[]> {
  return Object.fromEntries(
    matchLabelExpressions.map(({ key = '', values = [] }) => [key, [...new Set(values)].sort()]),
  );
}

function classErrors(object: KubeObject): FieldError[] {
  const { provisioner, parameters = {}, reclaimPolicy, volumeBindingMode, allowedTopologies } = classOf(object);
  return [
    ...(isSet(provisioner)
      ? invalids('provisioner', provisioner, qualifiedName(provisioner.toLowerCase()))
      : [required('provisioner')]),
    ...parameterErrors(parameters),
    ...choice('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...(volumeBindingMode === undefined
      ? [required('volumeBindingMode')]
      : choice('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'])),
    ...topologyErrors(allowedTopologies),
  ];
}

function updateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const;
  const changed = fixed.filter((field) => !deepEqual(classOf(object)[field] ?? {}, classOf(old)[field] ?? {}));
  return [
    ...classErrors(object),
    ...changed.map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
    ...immutableField(classOf(object).volumeBindingMode, classOf(old).volumeBindingMode, 'volumeBindingMode'),
  ];
}

export const storageClassBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  deletionAnswersObject: true,
  defaults(object) {
    const storageClass = classOf(object);
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: classErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object) =>
    (classOf(object).allowedTopologies ?? []).flatMap((term, index) =>
      (term.matchLabelExpressions ?? []).flatMap((expression, place) =>
        replacedLabelWarnings(
          [expression.key ?? ''],
          () => `allowedTopologies[${index}].matchLabelExpressions[${place}].key`,
        ),
      ),
    ),
  validateUpdate: updateErrors,
  columns: [
    nameColumn,
    column('Provisioner', 'Provisioner of its volumes.'),
    column('ReclaimPolicy', 'What happens to a volume when its claim is deleted.'),
    column('VolumeBindingMode', 'When claims are bound: Immediate or WaitForFirstConsumer.'),
    column('AllowVolumeExpansion', 'Whether volumes can be expanded.'),
    ageColumn,
  ],
  row(object, now) {
    const storageClass = classOf(object);
    const isDefault = defaultAnnotations.some((key) => object.metadata.annotations?.[key] === 'true');
    return [
      `${object.metadata.name ?? ''}${isDefault ? ' (default)' : ''}`,
      storageClass.provisioner ?? '',
      storageClass.reclaimPolicy ?? 'Delete',
      storageClass.volumeBindingMode ?? 'Immediate',
      storageClass.allowVolumeExpansion ?? false,
      ageOf(object, now),
    ];
  },
};

/** The kinds CSIDriver, CSINode and CSIStorageCapacity: defaults, validation and columns. */

import type {
  CSIDriver,
  CSINode,
  CSINodeDriver,
  CSIStorageCapacity,
  Sent,
  StorageV1TokenRequest,
} from '../../objects/index.ts';
import {
  storedEqual,
  dns1123Subdomain,
  duplicate,
  type FieldError,
  immutableField,
  invalid,
  notSupported,
  qualifiedName,
  required,
  validateLabelSelector,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, duplicates, each, invalids, nonNegative, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn, plainColumns, plainRow } from '../columns.ts';
import { csiDriverNameErrors } from '../core/index.ts';
import { expressionKeyWarnings, replacedLabelWarnings } from '../node-labels.ts';
import { nonNegativeQuantity } from '../quantities.ts';
import { keepMetadata, metadataOf, strategy } from '../strategy.ts';

const driverOf = (object: object): Sent<CSIDriver> => object as Sent<CSIDriver>;
const csiNodeOf = (object: object): Sent<CSINode> => object as Sent<CSINode>;
const capacityOf = (object: object): Sent<CSIStorageCapacity> => object as Sent<CSIStorageCapacity>;

const nodeIdBytesMax = 256;
const tokenSecondsMin = 600;
const modes = ['Persistent', 'Ephemeral'];

function tokenErrors(requests: readonly Sent<StorageV1TokenRequest>[] | undefined): FieldError[] {
  const audiences = new Set<string>();
  return each('spec.tokenRequests', requests, (request, at) => {
    const audience = request.audience ?? '';
    if (audiences.has(audience)) return [duplicate(`${at}.audience`, audience)];
    audiences.add(audience);
    const seconds = request.expirationSeconds ?? tokenSecondsMin;
    if (seconds < tokenSecondsMin)
      return [invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes')];
    return seconds > 2 ** 32
      ? [invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : [];
  });
}

function driverErrors(object: KubeObject): FieldError[] {
  const spec = driverOf(object).spec ?? {};
  const needed = ['attachRequired', 'podInfoOnMount', 'storageCapacity'] as const;
  return [
    ...needed.flatMap((field) => (spec[field] === undefined ? [required(`spec.${field}`)] : [])),
    ...choice('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...tokenErrors(spec.tokenRequests),
    ...(spec.volumeLifecycleModes ?? [])
      .filter((mode) => !modes.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, modes)),
  ];
}

export const csiDriverBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  deletionAnswersObject: true,
  defaults(object) {
    const spec = (driverOf(object).spec ??= {});
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if ((spec.volumeLifecycleModes?.length ?? 0) === 0) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    // Kubernetes 1.33 knows it but ignores it by default.
    delete spec.nodeAllocatableUpdatePeriodSeconds;
  },
  // The count begins with the first change.
  prepareForUpdate(object, old) {
    keepMetadata(object, old, 'generation');
    if (!storedEqual(object['spec'], old.spec)) metadataOf(object)['generation'] = (old.metadata.generation ?? 0) + 1;
  },
  allowUnconditionalUpdate: false,
  validate: driverErrors,
  validateUpdate(object, old) {
    const [spec, before] = [driverOf(object).spec, driverOf(old).spec];
    return [
      ...driverErrors(object),
      ...immutableField(spec?.attachRequired, before?.attachRequired, 'spec.attachedRequired'),
      ...immutableField(spec?.volumeLifecycleModes, before?.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
    ];
  },
  columns: [
    nameColumn,
    column('AttachRequired', 'Whether volumes must be attached to nodes before they are mounted.', { type: 'boolean' }),
    column('PodInfoOnMount', 'Whether mount calls include information about the pod.', { type: 'boolean' }),
    column('StorageCapacity', 'Whether it reports its storage capacity.', { type: 'boolean' }),
    column('TokenRequests', 'Audiences of the service account tokens that it receives.'),
    column('RequiresRepublish', 'Whether it is called periodically to republish its volumes.', { type: 'boolean' }),
    column('Modes', 'Volume lifecycle modes: Persistent, Ephemeral or both.'),
    ageColumn,
  ],
  row(object, now) {
    const spec = driverOf(object).spec ?? {};
    const audiences = (spec.tokenRequests ?? []).map((request) => request.audience ?? '');
    return [
      object.metadata.name ?? '',
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      audiences.length === 0 ? '<unset>' : audiences.join(','),
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(','),
      ageOf(object, now),
    ];
  },
};

function nodeDriverErrors(driver: Sent<CSINodeDriver>, path: string): FieldError[] {
  const { name = '', nodeID = '', topologyKeys = [] } = driver;
  return [
    ...csiDriverNameErrors(`${path}.name`, name),
    ...requiredText(`${path}.nodeID`, nodeID),
    ...(nodeID.length > nodeIdBytesMax
      ? [invalid(`${path}.nodeID`, nodeID, `must be ${nodeIdBytesMax} characters or less`)]
      : []),
    ...duplicates(path, topologyKeys).map((error) => ({ ...error, field: path })),
    ...topologyKeys.flatMap((key) => [...requiredText(path, key), ...invalids(path, key, qualifiedName(key))]),
    ...nonNegative(`${path}.allocatable.count`, driver.allocatable?.count),
  ];
}

function csiNodeErrors(object: KubeObject): FieldError[] {
  const names = new Set<string>();
  return each('spec.drivers', csiNodeOf(object).spec?.drivers, (driver, at) => {
    const errors = nodeDriverErrors(driver, at);
    if (names.has(driver.name ?? '')) errors.push(duplicate(`${at}.name`, driver.name));
    names.add(driver.name ?? '');
    return errors;
  });
}

export const csiNodeBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  deletionAnswersObject: true,
  defaults(object) {
    const spec = csiNodeOf(object).spec;
    // Empty lists are stored as none.
    if (spec?.drivers?.length === 0) delete spec.drivers;
  },
  allowUnconditionalUpdate: false,
  validate: csiNodeErrors,
  validateUpdate(object, old) {
    const before = new Map((csiNodeOf(old).spec?.drivers ?? []).map((driver) => [driver.name, driver]));
    const changed = (csiNodeOf(object).spec?.drivers ?? []).filter(
      (driver) => before.has(driver.name) && !storedEqual(before.get(driver.name), driver),
    );
    // Upstream checks the whole node, then once more before it looks for changes.
    return [
      ...csiNodeErrors(object),
      ...csiNodeErrors(object),
      ...changed.map((driver) => invalid('spec.drivers', driver, 'field is immutable')),
    ];
  },
  metadataChecks: { changes: 0, wholes: 2 },
  columns: [nameColumn, column('Drivers', 'Number of drivers on the node.', { type: 'integer' }), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', csiNodeOf(object).spec?.drivers?.length ?? 0, ageOf(object, now)],
};

function capacityErrors(object: KubeObject): FieldError[] {
  const { nodeTopology, storageClassName = '', capacity } = capacityOf(object);
  return [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalids('storageClassName', storageClassName, dns1123Subdomain(storageClassName)),
    ...(capacity === undefined ? [] : nonNegativeQuantity('capacity', capacity)),
  ];
}

export const csiStorageCapacityBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  allowUnconditionalUpdate: false,
  validate: capacityErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  warnings(object) {
    const { matchExpressions = [], matchLabels = {} } = capacityOf(object).nodeTopology ?? {};
    return [
      ...matchExpressions.flatMap((expression, index) =>
        expressionKeyWarnings(expression.key, `nodeTopology.matchExpressions[${index}]`),
      ),
      ...replacedLabelWarnings(Object.keys(matchLabels), (key) => `nodeTopology.matchLabels.${key}`),
    ];
  },
  validateUpdate: (object, old) => [
    ...capacityErrors(object),
    ...immutableField(capacityOf(object).nodeTopology, capacityOf(old).nodeTopology, 'nodeTopology'),
    ...immutableField(capacityOf(object).storageClassName, capacityOf(old).storageClassName, 'storageClassName'),
  ],
  columns: plainColumns,
  row: plainRow,
};

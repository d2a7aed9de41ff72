/** Tables of objects, as kubectl asks for them (meta.k8s.io Table), and objects reduced to their metadata. */
import {
  ageOf,
  badRequest,
  behaviourOf,
  type KindBehaviour,
  type KubeObject,
  type ObjectMeta,
  type ResourceInfo,
  type TableColumn,
} from '../../api/index.ts';
import { atOnce, Pace, type Steps } from '../../base/index.ts';
import type { Query } from '../query.ts';

/** What of each object stands in a row (TableOptions.includeObject). */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

interface TableRequest {
  readonly info: ResourceInfo;
  readonly metaVersion: string;
  readonly include: IncludeObject;
  readonly now: number;
}

export function includeObjectOf(query: Query): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '' || value === 'Metadata') return 'Metadata';
  if (value === 'Object' || value === 'None') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: ` +
      "must be 'Metadata', 'Object', 'None', or empty",
  );
}

interface TableOptions {
  readonly metadata: object;
  /** False: the columns were sent before (the later events of a watch). */
  readonly withColumns: boolean;
}

interface Table {
  readonly rows: readonly object[];
  readonly [field: string]: unknown;
}

/** A meta.k8s.io Table of objects. */
export function tableOf(request: TableRequest, objects: readonly KubeObject[], options: TableOptions): Table {
  return atOnce(tableSteps(request, objects, options));
}

/** Rows of one step. */
const rowsMax = 200;

/** The same in steps. */
export function* tableSteps(
  request: TableRequest,
  objects: readonly KubeObject[],
  options: TableOptions,
): Steps<Table> {
  const kind = objects[0]?.kind ?? request.info.kind;
  const { columns, row, compareRows, rowConditions }: ShownTable =
    kind === request.info.kind ? behaviourOf(request.info) : kind === 'Scale' ? scaleTable : plainTable;
  const shown = compareRows === undefined || objects.length < 2 ? objects : [...objects].sort(compareRows);
  const pace = new Pace(rowsMax);
  const rows: object[] = [];
  for (const object of shown) {
    if (pace.isDue(1)) yield;
    const conditions = rowConditions?.(object) ?? [];
    const cells = row(object, request.now);
    rows.push({
      cells,
      conditions: conditions.length === 0 ? undefined : conditions,
      object: rowObject(request, object),
    });
  }
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${request.metaVersion}`,
    metadata: options.metadata,
    columnDefinitions: options.withColumns
      ? columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority }))
      : null,
    rows,
  };
}

/** What a subresource gives that is no object of the resource's own kind. */
type OtherTable = Pick<KindBehaviour, 'columns' | 'row'>;
type ShownTable = Pick<KindBehaviour, 'columns' | 'row' | 'compareRows' | 'rowConditions'>;

const otherColumn = (name: string, type: TableColumn['type'], description: string, format = ''): TableColumn => ({
  name,
  type,
  format,
  description,
  priority: 0,
});

const plainTable: OtherTable = {
  columns: [
    otherColumn('Name', 'string', 'The name, unique in its namespace or, without one, in the cluster.', 'name'),
    otherColumn('Created At', 'date', 'When the object was made, RFC 3339, in UTC.'),
  ],
  row: (object) => [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null],
};

const scaleTable: OtherTable = {
  columns: [
    otherColumn('Name', 'string', 'The name of the scaled object.'),
    otherColumn('Desired', 'integer', 'How many replicas are wanted.'),
    otherColumn('Available', 'integer', 'How many replicas there are.'),
    otherColumn('Age', 'string', 'Time since the object was made.'),
  ],
  row: (object, now) => [
    object.metadata.name ?? '',
    replicasIn(object.spec),
    replicasIn(object.status),
    ageOf(object, now),
  ],
};

function replicasIn(part: unknown): number {
  return (part as { readonly replicas?: number | undefined } | undefined)?.replicas ?? 0;
}

function rowObject(request: TableRequest, object: KubeObject): object | null {
  if (request.include === 'None') return null;
  return request.include === 'Object' ? object : partialOf(request.info, object, request.metaVersion);
}

/** An object's metadata alone, without the annotations that Kubernetes' inner form has as fields. */
export function partialOf(info: ResourceInfo, object: KubeObject, metaVersion: string): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: bareMetadata(object.metadata, behaviourOf(info).fieldAnnotations),
  };
}

function bareMetadata(metadata: ObjectMeta, hidden: readonly string[] | undefined): ObjectMeta {
  const { annotations, ...rest } = metadata;
  if (hidden === undefined || annotations === undefined || !hidden.some((name) => name in annotations)) return metadata;
  const shown = Object.entries(annotations).filter(([name]) => !hidden.includes(name));
  return shown.length === 0 ? rest : { ...metadata, annotations: Object.fromEntries(shown) };
}

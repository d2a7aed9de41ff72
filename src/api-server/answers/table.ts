import { badRequest, behaviourOf, type KubeObject, type ResourceInfo } from '../../api/index.ts';
import type { Query } from '../query.ts';

/** What of each object stands in a row (TableOptions.includeObject). */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

export interface TableRequest {
  readonly info: ResourceInfo;
  readonly metaVersion: string;
  readonly include: IncludeObject;
  readonly now: number;
}

export function includeObjectOf(query: Query): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '' || value === 'Metadata') return 'Metadata';
  if (value === 'Object' || value === 'None') return value;
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`);
}

/** A meta.k8s.io Table of objects. `withColumns` false: the columns were sent before (the later events of a watch). */
export function tableOf(request: TableRequest, objects: readonly KubeObject[], options: { readonly metadata: object; readonly withColumns: boolean }): object {
  const ownKind = objects.every((object) => object.kind === request.info.kind);
  const behaviour = behaviourOf(request.info);
  const columns = ownKind ? behaviour.columns : plainColumns;
  const cells = (object: KubeObject): readonly unknown[] => (ownKind ? behaviour.row(object, request.now) : [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null]);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${request.metaVersion}`,
    metadata: options.metadata,
    columnDefinitions: options.withColumns ? columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority })) : null,
    rows: objects.map((object) => ({ cells: cells(object), object: rowObject(request, object) })),
  };
}

const plainColumns = [
  { name: 'Name', type: 'string', format: 'name', description: 'The name, unique in its namespace or, without one, in the cluster.', priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: 'When the object was made, RFC 3339, in UTC.', priority: 0 },
];

function rowObject(request: TableRequest, object: KubeObject): object | null {
  if (request.include === 'None') return null;
  return request.include === 'Object' ? object : partialOf(object, request.metaVersion);
}

/** An object's metadata alone. */
export function partialOf(object: KubeObject, metaVersion: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata: object.metadata };
}

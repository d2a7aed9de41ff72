/** The Table columns of the kinds that keep a number of replicas: ReplicaSet and ReplicationController. */

import type { KubeObject } from '../object.ts';
import type { ReplicaSet, Sent } from '../objects/index.ts';
import type { TableCell, TableColumn } from './behaviour.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from './columns.ts';

export const replicaColumns: readonly TableColumn[] = [
  nameColumn,
  column('Desired', 'Desired number of replicas.', { type: 'integer' }),
  column('Current', 'Current number of replicas.', { type: 'integer' }),
  column('Ready', 'Number of ready replicas.', { type: 'integer' }),
  ageColumn,
  ...containerColumns,
  column('Selector', 'Label selector of its pods.', { priority: 1 }),
];

/** The cells of `replicaColumns`; `selector` is the text of the last one. */
export function replicaRow(object: KubeObject, now: number, selector: string): readonly TableCell[] {
  const { spec = {}, status = {} } = object as { readonly spec?: Part['spec']; readonly status?: Part['status'] };
  return [
    object.metadata.name ?? '',
    spec.replicas ?? 0,
    status.replicas ?? 0,
    status.readyReplicas ?? 0,
    ageOf(object, now),
    ...containerCells(spec.template?.spec?.containers),
    selector,
  ];
}

/** What both kinds have alike. */
type Part = Sent<Pick<ReplicaSet, 'spec' | 'status'>>;

/** The kind ComponentStatus: defaults, validation and Table columns. */

import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';

interface Health {
  readonly conditions?: readonly {
    readonly type?: string;
    readonly status?: string;
    readonly message?: string;
    readonly error?: string;
  }[];
}

function cells(object: KubeObject): readonly string[] {
  const healthy = (object as Health).conditions?.find(({ type }) => type === 'Healthy');
  const status = healthy === undefined ? 'Unknown' : healthy.status === 'True' ? 'Healthy' : 'Unhealthy';
  return [object.metadata.name ?? '', status, healthy?.message ?? '', healthy?.error ?? ''];
}

/** Nobody makes these any more; old clients still ask for them. */
export const componentStatusBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    column('Status', 'Health of the component.'),
    column('Message', 'Message from the component.'),
    column('Error', 'Error of the component.'),
  ],
  row: cells,
};

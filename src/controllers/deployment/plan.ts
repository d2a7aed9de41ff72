/** The shape of a Deployment's plan. */
import type { DeploymentStatus, ReplicaSet } from '../../api/index.ts';

/** One write of a deployment's plan, in the order to perform. */
export type Action =
  | { readonly type: 'create-set'; readonly set: ReplicaSet }
  | {
      readonly type: 'update-set';
      readonly set: ReplicaSet;
      readonly annotations: Readonly<Record<string, string>>;
      readonly minReadySeconds: number;
    }
  | { readonly type: 'scale-set'; readonly set: ReplicaSet; readonly replicas: number }
  | { readonly type: 'delete-set'; readonly set: ReplicaSet };

export interface Plan {
  readonly actions: readonly Action[];
  readonly status: DeploymentStatus;
  /** The revision annotation to write along with the status. */
  readonly revision?: string | undefined;
  readonly requeueAfterMs?: number | undefined;
}

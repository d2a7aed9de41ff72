/** What a filter is. */
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';

/** Why a node does not fit, in kube-scheduler's words (they go to the pod's condition and Event). */
export interface Rejection {
  readonly reasons: readonly string[];
  /** Whether the node could fit if pods were removed from it: then preemption may help. */
  readonly resolvable: boolean;
}

/** A filter prepared for one pod. */
export interface NodeCheck {
  (node: NodeState): Rejection | undefined;
  /** Whether the check has nothing against the node in a slot: the same answer, from arrays and without the reasons. */
  readonly fits?: (slot: number) => boolean;
}

/** A check with its cheaper form. */
export const quick = (
  check: (node: NodeState) => Rejection | undefined,
  fits: NonNullable<NodeCheck['fits']>,
): NodeCheck => Object.assign(check, { fits });

/** The pod cannot be placed anywhere, whatever the nodes. */
interface Refusal {
  readonly refusal: string;
  /** What the pod lacks is being made: it is tried again at once, as if it were new. */
  readonly waits?: true | undefined;
}

/** A filter that names the only nodes in question, so that the others need not be looked at. */
interface Narrowed {
  readonly nodes: readonly string[];
  readonly check?: NodeCheck;
}

export interface Filter {
  /** The plugin's name in kube-scheduler. */
  readonly name: string;
  /** Undefined: the filter has nothing to say of this pod. */
  prepare(pod: PodInfo, cluster: ClusterState): NodeCheck | Refusal | Narrowed | undefined;
}

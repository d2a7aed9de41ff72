/** The filter NodeUnschedulable: cordoned nodes. */
import { isTolerated } from '../../api/index.ts';
import type { Filter, Rejection } from './filter.ts';

const rejection: Rejection = { reasons: ['node(s) were unschedulable'], resolvable: false };
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes, unless they tolerate that. */
export const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  prepare: (pod) =>
    isTolerated(taint, pod.pod.spec.tolerations) ? undefined : (node) => (node.unschedulable ? rejection : undefined),
};

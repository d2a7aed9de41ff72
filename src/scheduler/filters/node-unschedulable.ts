/** The filter NodeUnschedulable: cordoned nodes. */
import { isTolerated } from '../../api/index.ts';
import { marks } from '../node-columns.ts';
import { type Filter, quick, type Rejection } from './filter.ts';

const rejection: Rejection = { reasons: ['node(s) were unschedulable'], resolvable: false };
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes, unless they tolerate that. */
export const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  prepare: (pod, { columns }) =>
    isTolerated(taint, pod.pod.spec.tolerations)
      ? undefined
      : quick(
          (node) => (node.unschedulable ? rejection : undefined),
          (slot) => ((columns.marks[slot] ?? 0) & marks.unschedulable) === 0,
        ),
};

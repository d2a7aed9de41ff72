/** The filter NodeName: pods that name their node. */
import type { Filter, Rejection } from './filter.ts';

const rejection: Rejection = { reasons: ["node(s) didn't match the requested node name"], resolvable: false };

/** A pod that names its node goes there only. */
export const nodeName: Filter = {
  name: 'NodeName',
  prepare: (pod) => {
    const wanted = pod.pod.spec.nodeName;
    return wanted === undefined || wanted === '' ? undefined : (node) => (node.name === wanted ? undefined : rejection);
  },
};

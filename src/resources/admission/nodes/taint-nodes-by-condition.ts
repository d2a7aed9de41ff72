/** Admission plug-in TaintNodesByCondition. */
import type { AdmissionPlugin } from '../../ports.ts';
import { isAbout } from '../request.ts';
import { listOf, specOf } from '../pods/pod-spec.ts';

const key = 'node.kubernetes.io/not-ready';
const effect = 'NoSchedule';

/** A new node takes no pods before the node lifecycle controller has found it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit(request) {
    if (request.operation !== 'CREATE' || !isAbout(request, '', 'nodes') || request.object === undefined) return;
    const spec = specOf(request.object);
    const taints = listOf(spec, 'taints');
    if (!taints.some((taint) => taint['key'] === key && taint['effect'] === effect))
      spec['taints'] = [...taints, { key, effect }];
  },
};

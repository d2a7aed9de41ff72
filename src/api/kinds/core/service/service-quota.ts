/** What Services use of a quota: node ports and load balancers. */

import { quantityOf } from '../../../machinery/index.ts';
import type { New, Service } from '../../../objects/index.ts';
import type { QuotaRules } from '../../quota.ts';

export const serviceQuota: QuotaRules = {
  plainCount: true,
  counts: (name) => name.startsWith('services.'),
  usage(object) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = (object as New<Service>).spec ?? {};
    const balancer = type === 'LoadBalancer';
    const hasNodePorts = type === 'NodePort' || (balancer && allocateLoadBalancerNodePorts !== false);
    return new Map([
      ['services.nodeports', quantityOf(hasNodePorts ? ports.length : 0)],
      ['services.loadbalancers', quantityOf(balancer ? 1 : 0)],
    ]);
  },
};

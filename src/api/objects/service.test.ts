import test from 'ava';
import { isHeadless, needsHealthCheckPort, needsNodePorts } from './service.ts';

test('a Service with the address None is headless', (t) => {
  t.true(isHeadless({ clusterIP: 'None' }));
  t.false(isHeadless({ clusterIP: '10.96.0.1' }));
});

test('node ports belong to NodePort Services, and to load balancers that do not do without', (t) => {
  t.true(needsNodePorts({ type: 'NodePort', allocateLoadBalancerNodePorts: false }));
  t.true(needsNodePorts({ type: 'LoadBalancer' }));
  t.false(needsNodePorts({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }));
  for (const type of [undefined, 'ClusterIP', 'ExternalName']) t.false(needsNodePorts({ type }));
});

test('a load balancer asks nodes for endpoints when its traffic stays on the node', (t) => {
  t.true(needsHealthCheckPort({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }));
  t.false(needsHealthCheckPort({ type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' }));
  t.false(needsHealthCheckPort({ type: 'NodePort', externalTrafficPolicy: 'Local' }));
});

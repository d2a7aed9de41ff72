import test from 'ava';
import { findResource, type ResourceInfo } from '../../api/index.ts';
import { registryKey } from './key.ts';

const keys: readonly (readonly [string, string])[] = [
  ['/v1/pods', '/registry/pods/ns/x'],
  ['/v1/services', '/registry/services/specs/ns/x'],
  ['/v1/endpoints', '/registry/services/endpoints/ns/x'],
  ['/v1/nodes', '/registry/minions/x'],
  ['/v1/replicationcontrollers', '/registry/controllers/ns/x'],
  ['networking.k8s.io/v1/ingresses', '/registry/ingress/ns/x'],
  ['networking.k8s.io/v1/networkpolicies', '/registry/networkpolicies/ns/x'],
  ['apps/v1/deployments', '/registry/deployments/ns/x'],
  ['apiregistration.k8s.io/v1/apiservices', '/registry/apiregistration.k8s.io/apiservices/x'],
  ['apiextensions.k8s.io/v1/customresourcedefinitions', '/registry/apiextensions.k8s.io/customresourcedefinitions/x'],
];
for (const [resource, key] of keys)
  test(`messages name the key that Kubernetes has for ${resource}`, (t) => {
    const [group = '', version = '', plural = ''] = resource.split('/');
    t.is(registryKey(findResource(group, version, plural) as ResourceInfo, 'ns', 'x'), key);
  });

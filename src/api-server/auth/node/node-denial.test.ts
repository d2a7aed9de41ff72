import test from 'ava';
import { nodeDenial } from './node-denial.ts';

/** verb | group/resource[/subresource] | namespace/name | why a node n may not. */
const rows: readonly (readonly [verb: string, what: string, where: string, reason: string])[] = [
  ['list', '/secrets', 'ns/', 'No Object name found'],
  ['update', '/configmaps', 'ns/c', 'can only read resources of this type'],
  ['get', '/secrets/x', 'ns/s', 'cannot read subresource'],
  ['list', '/secrets', '/', 'can only read namespaced object of this type'],
  ['get', '/secrets', 'ns/s', "no relationship found between node 'n' and this object"],
  ['list', '/persistentvolumes', '/', 'can only get individual resources of this type'],
  ['get', '/persistentvolumes/status', '/v', 'cannot get subresource'],
  ['delete', '/persistentvolumeclaims/status', 'ns/c', 'can only get/update/patch this type'],
  ['patch', '/persistentvolumeclaims/status', 'ns/c', "no relationship found between node 'n' and this object"],
  ['get', '/serviceaccounts', 'ns/a', 'can only create tokens for individual service accounts'],
  ['create', '/serviceaccounts', 'ns/a', 'can only create token subresource of serviceaccount'],
  ['create', '/serviceaccounts/token', 'ns/a', "no relationship found between node 'n' and this object"],
  ['list', 'coordination.k8s.io/leases', 'ns/', 'can only get, create, update, patch, or delete a node lease'],
  ['get', 'coordination.k8s.io/leases', 'ns/n', 'can only access leases in the "kube-node-lease" system namespace'],
  [
    'get',
    'coordination.k8s.io/leases',
    'kube-node-lease/m',
    'can only access node lease with the same name as the requesting node',
  ],
  ['get', 'storage.k8s.io/csinodes', '/m', 'can only access CSINode with the same name as the requesting node'],
  ['get', 'resource.k8s.io/resourceclaims', 'ns/c', "no relationship found between node 'n' and this object"],
  ['list', 'resource.k8s.io/resourceclaims', 'ns/', 'can only get individual resources of this type'],
  ['watch', 'resource.k8s.io/resourceslices', '/', 'can only watch resourceslices with spec.nodeName field selector'],
  ['list', '/pods', 'ns/', 'can only list/watch pods with spec.nodeName field selector'],
  ['get', '/pods', 'ns/p', "no relationship found between node 'n' and this object"],
  ['get', '/pods/log', 'ns/p', ''],
  ['delete', '/nodes', '/m', ''],
];
for (const [verb, what, where, reason] of rows) {
  test(`a node that may not ${verb} ${what} ${where} is told why`, (t) => {
    const [group = '', resource = '', subresource = ''] = what.split('/');
    const [namespace = '', name = ''] = where.split('/');
    t.is(
      nodeDenial(
        {
          user: { name: 'system:node:n', groups: ['system:nodes'] },
          verb,
          isResource: true,
          group,
          version: 'v1',
          resource,
          subresource,
          namespace,
          name,
          path: '',
        },
        'n',
      ),
      reason,
    );
  });
}

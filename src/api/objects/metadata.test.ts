import test from 'ava';
import { controllerOf, sameResource } from './metadata.ts';
import { resources } from './generated/resources.ts';

test('the owner that controls an object is found among its owners', (t) => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u' };
  const controller = { ...owner, uid: 'c', controller: true };
  t.is(controllerOf({ metadata: { ownerReferences: [owner, controller] } }), controller);
  t.is(controllerOf({ metadata: {} }), undefined);
});

test('every collection has one constant, in the words of its kind', (t) => {
  t.deepEqual(resources.pods, { group: '', resource: 'pods' });
  t.deepEqual(resources.networkPolicies, { group: 'networking.k8s.io', resource: 'networkpolicies' });
  t.deepEqual(resources.apiServices, { group: 'apiregistration.k8s.io', resource: 'apiservices' });
  t.true(sameResource(resources.events, { group: '', resource: 'events' }));
  t.false(sameResource(resources.events, { group: 'events.k8s.io', resource: 'events' }));
});

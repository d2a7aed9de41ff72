import test from 'ava';
import { type GroupResource, resources } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import type { ResourceCatalogue, ResourceView } from '../../resources/index.ts';
import { startChecks } from './start-checks.ts';

interface Holding {
  readonly resource: GroupResource;
  readonly object: { readonly metadata: { readonly name: string } };
}

function started(held: Holding[]) {
  const view = {
    get: (resource: GroupResource, _namespace: string | undefined, name: string) =>
      held.find((each) => each.resource === resource && each.object.metadata.name === name)?.object,
    list: (resource: GroupResource) => held.filter((each) => each.resource === resource).map(({ object }) => object),
  } as unknown as ResourceView;
  const catalogue = { all: () => [{}], find: () => undefined } as unknown as ResourceCatalogue;
  const checks = startChecks({ view, catalogue, log: silentLogger });
  const fails = (name: string): boolean => {
    const found = checks.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no check ${name}`);
    try {
      void found.check();
      return false;
    } catch {
      return true;
    }
  };
  return { checks, fails };
}

test('a step has happened once what it makes is there, and stays so', (t) => {
  const held: Holding[] = [];
  const { fails } = started(held);
  for (const [name, resource, ...names] of [
    ['poststarthook/bootstrap-controller', resources.services, 'kubernetes'],
    ['poststarthook/rbac/bootstrap-roles', resources.clusterRoles, 'cluster-admin'],
    ['poststarthook/start-system-namespaces-controller', resources.namespaces, 'default', 'kube-system', 'kube-public'],
    ['autoregister-completion', resources.apiServices, 'v1.', 'v1.apps'],
  ] as const) {
    t.true(fails(name), name);
    for (const each of names) held.push({ resource, object: { metadata: { name: each } } });
  }
  t.false(fails('poststarthook/bootstrap-controller'));
  t.false(fails('autoregister-completion'));
  t.true(fails('poststarthook/start-system-namespaces-controller'), 'one of four is missing');
  t.true(fails('poststarthook/rbac/bootstrap-roles'), 'the binding is missing');
  t.true(fails('poststarthook/apiservice-status-local-available-controller'), 'nobody judged v1.');
  held.length = 0;
  t.false(fails('poststarthook/bootstrap-controller'));
});

test('a definition that is established and not served fails the checks of definitions', (t) => {
  const object = {
    metadata: { name: 'a.b' },
    spec: { group: 'b', names: { plural: 'a' }, versions: [{ name: 'v1', served: true }] },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  };
  const { fails } = started([{ resource: resources.customResourceDefinitions, object }]);
  t.true(fails('poststarthook/crd-informer-synced'));
  t.false(started([]).fails('poststarthook/crd-informer-synced'));
});

test('tools find the checks that they look for', (t) => {
  const names = new Set(started([]).checks.map(({ name }) => name));
  for (const name of [
    'log',
    'poststarthook/start-apiserver-admission-initializer',
    'poststarthook/generic-apiserver-start-informers',
    'poststarthook/start-apiextensions-informers',
    'poststarthook/start-apiextensions-controllers',
    'poststarthook/crd-informer-synced',
    'poststarthook/bootstrap-controller',
    'poststarthook/start-system-namespaces-controller',
    'poststarthook/start-service-ip-repair-controllers',
    'poststarthook/scheduling/bootstrap-system-priority-classes',
    'poststarthook/start-cluster-authentication-info-controller',
    'poststarthook/start-kube-aggregator-informers',
    'poststarthook/apiservice-registration-controller',
    'poststarthook/apiservice-status-local-available-controller',
    'poststarthook/apiservice-status-remote-available-controller',
    'poststarthook/kube-apiserver-autoregistration',
    'autoregister-completion',
    'poststarthook/apiservice-openapi-controller',
    'poststarthook/apiservice-openapiv3-controller',
  ])
    t.true(names.has(name), name);
});

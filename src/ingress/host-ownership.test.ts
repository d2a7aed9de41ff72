import test from 'ava';
import type { EndpointSlice, Ingress, IngressRule, IngressSpec, New, Secret, Service } from '../api/index.ts';
import { shopPair } from './certificates.fixture.ts';
import { compileRoutes } from './proxy/index.ts';
import { problemsOf, routeTable, type TableFacts } from './route-table.ts';
import { stored } from './world.fixture.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** Every Service and every Secret exists. */
const facts: TableFacts = {
  service: (namespace, name) =>
    stored<Service>({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { type: 'ClusterIP', ports: [{ name: 'http', port: 80 }] },
    }),
  slices: (namespace, name) => [
    stored<EndpointSlice>({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'] }],
      ports: [{ name: 'http', port: 8080 }],
    }),
  ],
  secret: () =>
    stored<Secret>({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'tls' },
      data: { 'tls.crt': base64(shopPair.certificate), 'tls.key': base64(shopPair.key) },
    }),
};

const ingress = (namespace: string, day: number, spec: New<IngressSpec>): Ingress =>
  stored<Ingress>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'i', namespace, uid: `${namespace}-${day}`, creationTimestamp: `2026-01-0${day}T00:00:00Z` },
    spec,
  });
const to = (
  name: string,
): { readonly service: { readonly name: string; readonly port: { readonly number: number } } } => ({
  service: { name, port: { number: 80 } },
});
const rule = (
  host: string | undefined,
  path: string,
  service: string,
  pathType: 'Exact' | 'Prefix' = 'Prefix',
): IngressRule => ({
  host,
  http: { paths: [{ path, pathType, backend: to(service) }] },
});

test('a host belongs to the namespace of its oldest Ingress: another takes neither paths nor certificate', (t) => {
  const prod = ingress('prod', 1, { rules: [rule('bank.example', '/', 'site')] });
  const evil = ingress('evil', 2, {
    rules: [
      rule('bank.example', '/', 'thief', 'Exact'),
      rule('bank.example', '/login', 'thief'),
      rule('*.bank.example', '/', 'own'),
    ],
    defaultBackend: to('thief'),
    tls: [{ hosts: ['bank.example'], secretName: 'evil' }],
  });
  const table = routeTable([evil, prod], facts);
  const routes = compileRoutes(table);
  for (const at of ['/', '/login', '/login/x', '/other']) t.is(routes.find('bank.example', at), 'prod/site:80', at);
  t.is(routes.find('a.bank.example', '/'), 'evil/own:80');
  t.deepEqual(table.certificates, []);
  t.deepEqual(problemsOf(evil, [evil, prod], facts), [
    { reason: 'HostTaken', message: 'host "bank.example" is served for namespace prod, whose ingress is older' },
  ]);
  t.deepEqual(problemsOf(prod, [evil, prod], facts), []);
});

test('rules without a host are shared by all namespaces, path by path', (t) => {
  const older = ingress('one', 1, { rules: [rule(undefined, '/a', 's')] });
  const younger = ingress('two', 2, { rules: [rule(undefined, '/a', 's'), rule(undefined, '/b', 's')] });
  const routes = compileRoutes(routeTable([older, younger], facts));
  t.is(routes.find('x.com', '/a'), 'one/s:80');
  t.is(routes.find('x.com', '/b'), 'two/s:80');
});

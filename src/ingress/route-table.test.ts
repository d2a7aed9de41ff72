import fc from 'fast-check';
import test from 'ava';
import type {
  Endpoint,
  EndpointSlice,
  HTTPIngressPath,
  Ingress,
  IngressClass,
  IngressRule,
  IngressSpec,
  New,
  Secret,
  Service,
  ServiceSpec,
} from '../api/index.ts';
import { ingressController, servedIngresses } from '../protocol/index.ts';
import { shopPair, wildcardPair } from './certificates.fixture.ts';
import { compileRoutes } from './proxy/index.ts';
import { problemsOf, routeTable, type TableFacts } from './route-table.ts';
import { stored } from './world.fixture.ts';

const service = (
  name: string,
  ports: New<ServiceSpec>['ports'] = [{ name: 'http', port: 80 }],
  type: ServiceSpec['type'] = 'ClusterIP',
): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type, ports },
  });
const slice = (
  endpoints: readonly New<Endpoint>[],
  ports: EndpointSlice['ports'] = [{ name: 'http', port: 8080 }],
): EndpointSlice =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', namespace: 'default' },
    addressType: 'IPv4',
    endpoints,
    ports: ports ?? [],
  });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secretOf = ({ certificate, key }: { readonly certificate: string; readonly key: string }): Secret =>
  stored<Secret>({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'tls' },
    data: { 'tls.crt': base64(certificate), 'tls.key': base64(key) },
  });

interface World {
  readonly services?: Readonly<Record<string, Service>>;
  readonly slices?: Readonly<Record<string, readonly EndpointSlice[]>>;
  readonly secrets?: Readonly<Record<string, Secret>>;
}
/** Every service exists, with one endpoint, unless the world says otherwise. */
function facts({ services, slices = {}, secrets = {} }: World = {}): TableFacts {
  return {
    service: (_namespace, name) => (services === undefined ? service(name) : services[name]),
    slices: (_namespace, name) => slices[name] ?? [slice([{ addresses: ['10.0.0.1'] }])],
    secret: (_namespace, name) => secrets[name],
  };
}

let made = 0;
function ingress(spec: New<IngressSpec>, metadata: Partial<Ingress['metadata']> = {}): Ingress {
  made += 1;
  return stored<Ingress>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: `i${made}`,
      namespace: 'default',
      uid: `u${made}`,
      creationTimestamp: `2026-01-01T00:00:${String(made % 60).padStart(2, '0')}Z`,
      ...metadata,
    },
    spec,
  });
}
const to = (
  name: string,
): { readonly service: { readonly name: string; readonly port: { readonly number: number } } } => ({
  service: { name, port: { number: 80 } },
});
const path = (text: string, pathType: HTTPIngressPath['pathType'], name: string): HTTPIngressPath => ({
  path: text,
  pathType,
  backend: to(name),
});
const rule = (host: string | undefined, ...paths: readonly HTTPIngressPath[]): IngressRule => ({
  host,
  http: { paths },
});

/** Finds the service of a request, '-' for none. */
function finder(ingresses: readonly Ingress[]): (host: string, at: string) => string {
  const routes = compileRoutes(routeTable(ingresses, facts()));
  return (host, at) => /^default\/(.*):80$/.exec(routes.find(host, at) ?? '')?.[1] ?? '-';
}

test('paths match as the Ingress API documents it', (t) => {
  // kubernetes.io/docs/concepts/services-networking/ingress, the table of examples.
  const rows: readonly (readonly [
    type: HTTPIngressPath['pathType'],
    rulePath: string,
    requested: string,
    matches: boolean,
  ])[] = [
    ['Prefix', '/', '/anything', true],
    ['Exact', '/foo', '/foo', true],
    ['Exact', '/foo', '/bar', false],
    ['Exact', '/foo', '/foo/', false],
    ['Exact', '/foo/', '/foo', false],
    ['Prefix', '/foo', '/foo', true],
    ['Prefix', '/foo', '/foo/', true],
    ['Prefix', '/foo/', '/foo', true],
    ['Prefix', '/foo/', '/foo/', true],
    ['Prefix', '/aaa/bb', '/aaa/bbb', false],
    ['Prefix', '/aaa/bbb', '/aaa/bbb', true],
    ['Prefix', '/aaa/bbb/', '/aaa/bbb', true],
    ['Prefix', '/aaa/bbb', '/aaa/bbb/', true],
    ['Prefix', '/aaa/bbb', '/aaa/bbb/ccc', true],
    ['Prefix', '/aaa/bbb', '/aaa/bbbxyz', false],
    ['Prefix', '/Foo', '/foo', false],
    ['ImplementationSpecific', '/foo', '/foo/bar', true],
    ['ImplementationSpecific', '', '/bar', true],
  ];
  for (const [type, rulePath, requested, matches] of rows) {
    t.is(
      finder([ingress({ rules: [rule('a.example', path(rulePath, type, 'web'))] })])('a.example', requested),
      matches ? 'web' : '-',
      `${type} ${rulePath} and ${requested}`,
    );
  }
});

test('the longest path wins, and of equally long ones the exact one', (t) => {
  const find = finder([
    ingress({
      rules: [
        rule(
          'a.example',
          path('/', 'Prefix', 'root'),
          path('/aaa', 'Prefix', 'short'),
          path('/aaa/bbb', 'Prefix', 'long'),
          path('/aaa/bbb', 'Exact', 'exact'),
        ),
      ],
    }),
  ]);
  t.is(find('a.example', '/aaa/bbb'), 'exact');
  t.is(find('a.example', '/aaa/bbb/'), 'long');
  t.is(find('a.example', '/aaa/ccc'), 'short');
  t.is(find('a.example', '/ccc'), 'root');
});

test('a path with needless escapes goes where it goes without them', (t) => {
  const find = finder([
    ingress({
      rules: [
        rule(
          'a.example',
          path('/', 'Prefix', 'root'),
          path('/admin', 'Prefix', 'admin'),
          path('/caf%c3%a9', 'Exact', 'cafe'),
        ),
      ],
    }),
  ]);
  t.is(find('a.example', '/%61dmi%6E/x'), 'admin');
  t.is(find('a.example', '/admin%2Fx'), 'root');
  t.is(find('a.example', '/caf%C3%A9'), 'cafe');
});

test('an exact host comes before a wildcard, which stands for one label, and that before no host', (t) => {
  const find = finder([
    ingress({
      rules: [
        rule(undefined, path('/', 'Prefix', 'any')),
        rule('*.foo.com', path('/', 'Prefix', 'wildcard')),
        rule('bar.foo.com', path('/', 'Prefix', 'own')),
      ],
    }),
  ]);
  t.is(find('bar.foo.com', '/'), 'own');
  t.is(find('baz.foo.com', '/'), 'wildcard');
  t.is(find('baz.bar.foo.com', '/'), 'any');
  t.is(find('foo.com', '/'), 'any');
  t.is(find('', '/'), 'any');
});

test('the rules of several Ingresses for one host stand together, and the older one has what both claim', (t) => {
  const older = ingress(
    { rules: [rule('a.example', path('/x', 'Prefix', 'first'))] },
    { creationTimestamp: '2026-01-01T00:00:00Z', name: 'zz' },
  );
  const younger = ingress(
    { rules: [rule('a.example', path('/x/', 'Prefix', 'second'), path('/y', 'Prefix', 'third'))] },
    { creationTimestamp: '2026-02-01T00:00:00Z', name: 'aa' },
  );
  const find = finder([younger, older]);
  t.is(find('a.example', '/x'), 'first');
  t.is(find('a.example', '/y'), 'third');
  t.deepEqual(problemsOf(older, [younger, older], facts()), []);
  t.deepEqual(problemsOf(younger, [younger, older], facts()), [
    {
      reason: 'PathTaken',
      message: 'host "a.example" path "/x" (Prefix) is served by ingress default/zz, which is older',
    },
  ]);
});

test('slashes in a row lead past no rule', (t) => {
  const find = finder([
    ingress({
      rules: [
        rule(
          'x.com',
          path('/', 'Prefix', 'site'),
          path('/admin', 'Prefix', 'admin'),
          path('/only/this', 'Exact', 'exact'),
        ),
      ],
    }),
  ]);
  for (const at of ['//admin', '///admin/x', '/admin//', '//admin//y', '/%61dmin', '//%61dmin'])
    t.is(find('x.com', at), 'admin', at);
  t.is(find('x.com', '/only//this'), 'exact');
  t.is(find('x.com', '//'), 'site');
});

test("an unnamed path goes to the default backend of the host's Ingress, then to an Ingress without rules", (t) => {
  const all = ingress({ defaultBackend: to('everything') });
  const own = ingress({ defaultBackend: to('own'), rules: [rule('a.example', path('/x', 'Prefix', 'web'))] });
  const plain = ingress({ rules: [rule('b.example', path('/x', 'Prefix', 'web'))] });
  const find = finder([own, plain, all]);
  t.is(find('a.example', '/other'), 'own');
  t.is(find('b.example', '/other'), 'everything');
  t.is(find('c.example', '/x'), 'everything');
  t.is(finder([own, plain])('c.example', '/'), 'own');
  t.is(finder([plain])('b.example', '/other'), '-');
});

test('a host does not lend its unnamed paths to a wildcard or to rules without a host', (t) => {
  const find = finder([
    ingress({
      rules: [
        rule('a.foo.com', path('/x', 'Prefix', 'own')),
        rule('*.foo.com', path('/', 'Prefix', 'wildcard')),
        rule(undefined, path('/', 'Prefix', 'any')),
      ],
    }),
  ]);
  t.is(find('a.foo.com', '/y'), '-');
});

test('a port is named or numbered; pods are asked at the port that it means there', (t) => {
  const world = facts({
    services: {
      web: service('web', [
        { name: 'http', port: 80 },
        { name: 'admin', port: 81 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ]),
    },
    slices: {
      web: [
        slice(
          [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }],
          [
            { name: 'http', port: 8080 },
            { name: 'admin', port: 9000 },
          ],
        ),
        slice([{ addresses: ['10.0.0.3'] }], [{ name: 'http', port: 8081 }]),
      ],
    },
  });
  const addresses = (port: { readonly name?: string; readonly number?: number }): readonly string[] | undefined =>
    Object.values(routeTable([ingress({ defaultBackend: { service: { name: 'web', port } } })], world).backends)[0];
  t.deepEqual(addresses({ number: 80 }), ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.3:8081']);
  t.deepEqual(addresses({ name: 'admin' }), ['10.0.0.1:9000', '10.0.0.2:9000']);
  t.deepEqual(addresses({ number: 53 }), []);
});

test('pods that are ready are asked; when none is, those that still serve while they end', (t) => {
  const ready = { addresses: ['10.0.0.1'], conditions: { ready: true, serving: true } };
  const ending = { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true } };
  const unready = { addresses: ['10.0.0.3'], conditions: { ready: false, serving: false } };
  const of = (endpoints: readonly New<Endpoint>[]): readonly string[] | undefined =>
    Object.values(
      routeTable([ingress({ defaultBackend: to('web') })], facts({ slices: { web: [slice(endpoints)] } })).backends,
    )[0];
  t.deepEqual(of([ready, ending, unready]), ['10.0.0.1:8080']);
  t.deepEqual(of([ending, unready]), ['10.0.0.2:8080']);
  t.deepEqual(of([unready]), []);
});

test('a slice cannot lead to what only the node itself reaches', (t) => {
  const endpoints = ['127.0.0.1', '169.254.169.254', '0.0.0.0', '10.0.0.9', '0177.0.0.1'].map((address) => ({
    addresses: [address],
  }));
  t.deepEqual(
    Object.values(
      routeTable([ingress({ defaultBackend: to('web') })], facts({ slices: { web: [slice(endpoints)] } })).backends,
    ),
    // The system's resolver would read the last one as 127.0.0.1.
    [['10.0.0.9:8080', '177.0.0.1:8080']],
  );
});

test('a wrong reference of an Ingress is reported, and its paths lead nowhere while others are served', (t) => {
  const broken = ingress({
    tls: [
      { hosts: ['a.example'], secretName: 'missing' },
      { hosts: ['b.example'], secretName: 'garbled' },
      { hosts: ['c.example'], secretName: 'mixed' },
    ],
    rules: [
      rule('a.example', path('/none', 'Prefix', 'none'), path('/outside', 'Prefix', 'outside')),
      {
        host: 'a.example',
        http: {
          paths: [
            { path: '/port', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'nope' } } } },
            { path: '/bucket', pathType: 'Prefix', backend: { resource: { kind: 'Bucket', name: 'images' } } },
          ],
        },
      },
    ],
  });
  const world = facts({
    services: { web: service('web'), outside: service('outside', [{ port: 80 }], 'ExternalName') },
    secrets: {
      garbled: secretOf({ certificate: 'x', key: 'y' }),
      mixed: secretOf({ certificate: shopPair.certificate, key: wildcardPair.key }),
    },
  });
  const fine = ingress({ rules: [rule('fine.example', path('/', 'Prefix', 'web'))] });
  const table = routeTable([broken, fine], world);
  t.deepEqual(
    problemsOf(broken, [broken, fine], world).map(({ reason }) => reason),
    [
      'ServiceNotFound',
      'UnsupportedBackend',
      'PortNotFound',
      'UnsupportedBackend',
      'SecretNotFound',
      'InvalidCertificate',
      'InvalidCertificate',
    ],
  );
  t.deepEqual(table.certificates, []);
  const routes = compileRoutes(table);
  for (const at of ['/none', '/outside', '/port', '/bucket'])
    t.deepEqual(table.backends[routes.find('a.example', at) ?? ''], [], at);
  t.deepEqual(table.backends[routes.find('fine.example', '/') ?? ''], ['10.0.0.1:8080']);
  t.deepEqual(problemsOf(fine, [broken, fine], world), []);
});

test("certificates are for the hosts of their entry, else of the rules; the older Ingress's is shown", (t) => {
  const world = facts({ secrets: { shop: secretOf(shopPair), wild: secretOf(wildcardPair) } });
  const older = ingress(
    {
      tls: [{ hosts: ['shop.example.com'], secretName: 'shop' }],
      rules: [rule('shop.example.com', path('/', 'Prefix', 'web'))],
    },
    { creationTimestamp: '2025-01-01T00:00:00Z' },
  );
  const younger = ingress({
    tls: [{ secretName: 'wild' }],
    rules: [
      rule('shop.example.com', path('/x', 'Prefix', 'web')),
      rule('*.apps.example.com', path('/', 'Prefix', 'web')),
    ],
  });
  const { certificates } = routeTable([younger, older], world);
  t.deepEqual(
    certificates.map(({ host, certificate }) => [host, certificate === shopPair.certificate ? 'shop' : 'wild']),
    [
      ['shop.example.com', 'shop'],
      ['*.apps.example.com', 'wild'],
    ],
  );
});

test('an Ingress is served by its class, by the deprecated annotation, or by the default class', (t) => {
  const klass = (name: string, controller: string, isDefault = false): IngressClass =>
    stored<IngressClass>({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: {
        name,
        ...(isDefault ? { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } } : {}),
      },
      spec: { controller },
    });
  const named = ingress({ ingressClassName: 'troupe' }, { name: 'named' });
  const annotated = ingress({}, { name: 'annotated', annotations: { 'kubernetes.io/ingress.class': 'troupe' } });
  const foreign = ingress({ ingressClassName: 'nginx' }, { name: 'foreign' });
  const unnamed = ingress({}, { name: 'unnamed' });
  const ending = ingress({ ingressClassName: 'troupe' }, { name: 'ending', deletionTimestamp: '2026-01-01T00:00:00Z' });
  const all = [named, annotated, foreign, unnamed, ending];
  const served = (...classes: readonly IngressClass[]): readonly (string | undefined)[] =>
    servedIngresses(all, classes).map(({ metadata }) => metadata.name);
  t.deepEqual(served(), []);
  t.deepEqual(served(klass('troupe', ingressController)), ['named', 'annotated']);
  t.deepEqual(served(klass('troupe', ingressController, true), klass('nginx', 'k8s.io/ingress-nginx')), [
    'named',
    'annotated',
    'unnamed',
  ]);
  t.deepEqual(served(klass('troupe', 'example.com/other', true)), []);
});

/** What the API documents, written down without a thought for speed. */
function slowFind(
  rules: readonly { readonly host: string; readonly path: string; readonly pathType: string; readonly name: string }[],
  host: string,
  at: string,
): string {
  const elements = (text: string): readonly string[] => text.split('/').filter((part) => part !== '');
  const hostRank = (own: string): number =>
    own === host
      ? 2
      : own.startsWith('*.') && host.slice(host.indexOf('.')) === own.slice(1) && host.indexOf('.') > 0
        ? 1
        : own === ''
          ? 0
          : -1;
  const bestHost = Math.max(-1, ...rules.map((one) => hostRank(one.host)));
  const matching = rules
    .filter((one) => bestHost >= 0 && hostRank(one.host) === bestHost)
    .flatMap((one) => {
      if (one.pathType === 'Exact') return one.path === at ? [{ ...one, length: Number.MAX_SAFE_INTEGER }] : [];
      const own = elements(one.path);
      return own.every((part, i) => elements(at)[i] === part) ? [{ ...one, length: own.length }] : [];
    });
  return matching.reduce<{ readonly name: string; readonly length: number }>(
    (best, one) => (one.length > best.length ? one : best),
    { name: '-', length: -1 },
  ).name;
}

test('property: requests go where the documented precedence sends them, in whatever order the rules stand', (t) => {
  const elements = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 });
  const pathOf = fc
    .tuple(elements, fc.boolean())
    .map(([parts, slash]) => `/${parts.join('/')}${slash && parts.length > 0 ? '/' : ''}`);
  const hosts = ['', 'x.com', 'a.x.com', '*.x.com', '*.com', 'y.com'];
  const rules = fc.uniqueArray(
    fc.record({ host: fc.constantFrom(...hosts), path: pathOf, pathType: fc.constantFrom('Exact', 'Prefix') }),
    {
      maxLength: 12,
      selector: ({ host, path: own, pathType }) =>
        `${host} ${pathType} ${pathType === 'Exact' ? own : own.replace(/\/$/, '')}`,
    },
  );
  fc.assert(
    fc.property(
      rules,
      fc.constantFrom('x.com', 'a.x.com', 'b.x.com', 'c.b.x.com', 'y.com', 'com', ''),
      pathOf,
      (drawn, host, at) => {
        const named = drawn.map((one, i) => ({ ...one, name: `s${i}` }));
        const spec = {
          rules: named.map((one) =>
            rule(one.host === '' ? undefined : one.host, path(one.path, one.pathType, one.name)),
          ),
        };
        const wanted = slowFind(named, host, at);
        return (
          finder([ingress(spec)])(host, at) === wanted &&
          finder([ingress({ rules: [...spec.rules].reverse() })])(host, at) === wanted
        );
      },
    ),
  );
  t.pass();
});

import test from 'ava';
import { type Change, object, type Refusal } from '../objects.fixture.ts';
import { created, rowOf, updated } from '../testing/checked.ts';

const range = object('networking.k8s.io/v1', 'ServiceCIDR', { spec: { cidrs: ['10.1.0.0/24'] } });

const networkPolicy = object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {} } });

const refusals: readonly Refusal[] = [
  [
    'an ingress to nowhere',
    object('networking.k8s.io/v1', 'Ingress', { spec: { defaultBackend: {} } }),
    ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
  ],
  [
    'an ingress of two classes',
    object('networking.k8s.io/v1', 'Ingress', {
      metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } },
      spec: { ingressClassName: 'b', defaultBackend: { service: { name: 's', port: { number: 1 } } } },
    }),
    [
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both ' +
        'are specified',
    ],
  ],
  [
    'an ingress path that is relative',
    object('networking.k8s.io/v1', 'Ingress', {
      spec: {
        rules: [
          {
            http: {
              paths: [{ path: 'a', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 1 } } } }],
            },
          },
        ],
      },
    }),
    ['spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path'],
  ],
  [
    'a policy with a port range from a name',
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 'web', endPort: 9 }] }] },
    }),
    ['spec.ingress[0].ports[0].endPort: Invalid value: 9: may not be specified when `port` is non-numeric'],
  ],
  [
    'a policy of an unknown type and protocol',
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: {}, policyTypes: ['Sideways'], ingress: [{ ports: [{ protocol: 'ICMP' }] }] },
    }),
    [
      'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
      'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

/** Upstream checks some kinds more than once at an update, and so says the same more than once. */
const changes: readonly Change[] = [
  [
    'a range for another',
    range,
    { spec: { cidrs: ['10.2.0.0/24'] } },
    ['spec.cidrs[0]: Invalid value: "10.2.0.0/24": field is immutable'],
  ],
  [
    'a range for none',
    range,
    { spec: { cidrs: [] } },
    ['spec.cidrs: Required value: at least one CIDR required', 'spec.cidrs: Invalid value: []: field is immutable'],
  ],
  ['one range for two', range, { spec: { cidrs: ['10.1.0.0/24', 'fd00::/112'] } }, []],
  [
    'a policy for one of an unknown type',
    networkPolicy,
    { spec: { podSelector: {}, policyTypes: ['Sideways'] } },
    Array(2).fill(
      'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
    ) as string[],
  ],
];

for (const [what, body, fields, expected] of changes) {
  test(`changed, ${what}`, (t) => {
    const { errors } = updated(created(body).object, (next) => {
      Object.assign(next, fields);
    });
    t.deepEqual([...errors].sort(), [...expected].sort());
  });
}

test('hosts of an ingress are counted beyond the third', (t) => {
  const hosts = (...names: readonly string[]): unknown =>
    rowOf(
      created(
        object('networking.k8s.io/v1', 'Ingress', {
          spec: {
            defaultBackend: { service: { name: 's', port: { number: 1 } } },
            rules: names.map((host) => (host === '' ? {} : { host })),
          },
        }),
      ).object,
    )[2];
  t.is(hosts(''), '*');
  t.is(hosts('', 'a', 'b'), 'a,b');
  t.is(hosts('a', 'b', 'c'), 'a,b,c');
  t.is(hosts('a', 'b', 'c', ''), 'a,b,c + 1 more...');
  t.is(hosts('', 'a', 'b', 'c', 'd'), 'a,b,c + 2 more...');
});

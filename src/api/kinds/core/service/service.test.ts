import type { Sent, Service } from '../../../objects/index.ts';
import test from 'ava';
import type { JsonObject, KubeObject } from '../../../object.ts';
import { created, rowOf, updated } from '../../testing/checked.ts';

type Body = Record<string, unknown>;
const service = (spec: Body): JsonObject => ({ apiVersion: 'v1', kind: 'Service', spec });
const specOf = (object: object): NonNullable<Sent<Service>['spec']> => (object as Sent<Service>).spec ?? {};
const web = { port: 80 };

/** A stored Service with what the allocators would have given it. */
function stored(spec: Body, given: Body): KubeObject {
  const { object } = created(service(spec));
  return { ...object, spec: { ...specOf(object), ...given } };
}

test('a service gets its defaults and one address family', (t) => {
  const { object, errors } = created(service({ selector: { a: 'b' }, ports: [web] }));
  t.deepEqual(errors, []);
  t.like(specOf(object), {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
  });
  t.deepEqual(object.status, { loadBalancer: {} });
});

test('a headless service without a selector takes both families', (t) => {
  t.like(specOf(created(service({ clusterIP: 'None', ports: [web] })).object), {
    clusterIPs: ['None'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'RequireDualStack',
  });
});

const refusals: readonly (readonly [string, Body, readonly string[]])[] = [
  ['without ports', {}, ['spec.ports: Required value']],
  [
    'with two nameless ports',
    { ports: [{ port: 1 }, { port: 2 }] },
    ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  ],
  [
    'with one port twice',
    {
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 1 },
      ],
    },
    ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":1}'],
  ],
  [
    'with a node port but no nodes',
    { ports: [{ port: 1, nodePort: 30001 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'of an unknown type',
    { type: 'Tunnel', ports: [web] },
    [
      'spec.type: Unsupported value: "Tunnel": supported values: "ClusterIP", "ExternalName", "LoadBalancer", ' +
        '"NodePort"',
    ],
  ],
  ['with a name from outside and no name', { type: 'ExternalName' }, ['spec.externalName: Required value']],
  [
    'with an IPv6 address in an IPv4 cluster',
    { ipFamilies: ['IPv6'], ports: [web] },
    ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  ],
  [
    'with two addresses but no first one',
    { clusterIPs: ['10.96.0.1', '10.96.0.2'], ports: [] },
    [
      'spec.clusterIPs: Invalid value: ["10.96.0.1","10.96.0.2"]: may specify no more than one IP for each IP family',
      'spec.clusterIPs: Invalid value: ["10.96.0.1","10.96.0.2"]: must be empty when `clusterIP` is not specified',
    ],
  ],
  [
    'with an IPv6 address alone',
    { clusterIP: 'fd00::1', ports: [{ port: 0 }] },
    ['spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
  ],
  [
    'with two families and one stack',
    { ipFamilies: ['IPv4', 'IPv6'], ports: [web] },
    [
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' " +
        'when multiple IP families are specified',
    ],
  ],
  [
    'that demands two families',
    { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'], ports: [web] },
    [
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
  ],
  [
    'with a loopback address',
    { externalIPs: ['127.0.0.1'], ports: [web] },
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'that is headless on nodes',
    { type: 'NodePort', clusterIP: 'None', ports: [web] },
    ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
  ],
  [
    'with source ranges but no balancer',
    { loadBalancerSourceRanges: ['10.0.0.0/8'], ports: [web] },
    ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  ],
];
for (const [what, spec, expected] of refusals) {
  test(`a service ${what} is refused`, (t) => {
    t.deepEqual(created(service(spec)).errors, [...expected].sort());
  });
}

test('an update that does not mention what was allocated keeps it', (t) => {
  const old = stored(
    { type: 'NodePort', ports: [web] },
    {
      clusterIP: '10.96.1.1',
      clusterIPs: ['10.96.1.1'],
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30080 }],
    },
  );
  const { object, errors } = updated(old, (next) => {
    next['spec'] = { type: 'NodePort', ports: [{ port: 81 }] };
  });
  t.deepEqual(errors, []);
  t.like(specOf(object), { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'], ports: [{ port: 81, nodePort: 30080 }] });
});

test('node ports go with the type that had them, even if a port comes as well', (t) => {
  const old = stored(
    { type: 'NodePort', ports: [web] },
    {
      clusterIP: '10.96.1.1',
      clusterIPs: ['10.96.1.1'],
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30080 }],
    },
  );
  const changed = (nodePort: number): unknown =>
    updated(old, (next) => {
      next['spec'] = {
        ...(next['spec'] as object),
        type: 'ClusterIP',
        ports: [
          { name: 'a', port: 80, nodePort },
          { name: 'b', port: 81 },
        ],
      };
    });
  t.like(changed(30_080), {
    errors: [],
    object: { spec: { ports: [{ port: 80, nodePort: undefined }, { port: 81 }] } },
  });
  t.like(changed(30_081), {
    errors: ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  });
});

test('the addresses of a load balancer go with the type, whoever wrote them', (t) => {
  const old = stored({ type: 'LoadBalancer', ports: [web] }, { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] });
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7', ipMode: 'VIP' }] } };
  const changed = (spec: Body): unknown => {
    const { object, errors } = updated({ ...old, status }, (next) => {
      next['spec'] = { ...(next['spec'] as object), ...spec };
    });
    return { status: object.status, errors };
  };
  t.deepEqual(changed({ type: 'NodePort' }), { status: { loadBalancer: {} }, errors: [] });
  t.deepEqual(changed({ type: 'ClusterIP' }), { status: { loadBalancer: {} }, errors: [] });
  t.deepEqual(changed({ selector: { a: 'c' } }), { status, errors: [] });
});

test('an address may not change, but goes with a change to an external name', (t) => {
  const old = stored({ ports: [web] }, { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] });
  t.deepEqual(
    updated(old, (next) => {
      specOf(next).clusterIP = '10.96.1.2';
    }).errors,
    ['spec.clusterIPs[0]: Invalid value: ["10.96.1.2"]: may not change once set'],
  );
  const { object, errors } = updated(old, (next) => {
    specOf(next).type = 'ExternalName';
    specOf(next).externalName = 'shop.example.com';
  });
  t.deepEqual(errors, []);
  t.is(specOf(object).clusterIP, undefined);
  t.is(specOf(object).ipFamilies, undefined);
});

test('rows show where a service is reached', (t) => {
  const balanced = stored(
    { type: 'LoadBalancer', selector: { a: 'b' }, ports: [web] },
    { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] },
  );
  t.deepEqual(rowOf(balanced), ['x', 'LoadBalancer', '10.96.1.1', '<pending>', '80/TCP', '60m', 'a=b']);
  t.deepEqual(rowOf(created(service({ type: 'ExternalName', externalName: 'a.example.com' })).object), [
    'x',
    'ExternalName',
    '<none>',
    'a.example.com',
    '<none>',
    '60m',
    '<none>',
  ]);
});

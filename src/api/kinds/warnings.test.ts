import test from 'ava';
import type { JsonObject } from '../object.ts';
import { warned } from './testing/checked.ts';

const container = { name: 'c', image: 'i' };
const pod = (spec: object, metadata: object = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec: { containers: [container], ...spec },
});
const deployment = (template: object, name = 'x'): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] }, ...template },
  },
});
const object = (apiVersion: string, kind: string, rest: object): JsonObject => ({ apiVersion, kind, ...rest });

const annotations = {
  'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default',
  'scheduler.alpha.kubernetes.io/critical-pod': '',
};

const cases: readonly (readonly [title: string, object: JsonObject, warnings: readonly string[]])[] = [
  [
    'an old node label in a selector',
    pod({ nodeSelector: { 'beta.kubernetes.io/os': 'linux', 'failure-domain.beta.kubernetes.io/zone': 'z' } }),
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.nodeSelector[failure-domain.beta.kubernetes.io/zone]: deprecated since v1.17; use ' +
        '"topology.kubernetes.io/zone" instead',
    ],
  ],
  [
    'an old node label in a node affinity',
    pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] }],
          },
        },
      },
    }),
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.' +
        'nodeSelectorTerms[0].matchExpressions[0].key: ' +
        'beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
    ],
  ],
  [
    'dead annotations of a pod',
    pod({}, { annotations }),
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the ' +
        '"appArmorProfile" field instead',
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the ' +
        '"priorityClassName" field instead',
    ],
  ],
  [
    'annotations of a template',
    deployment({ metadata: { labels: { a: 'b' }, annotations } }),
    [
      'spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in ' +
        'v1.16+; use the "priorityClassName" field instead',
      'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since ' +
        'v1.30; use the "appArmorProfile" field instead',
    ],
  ],
  [
    'an indexed job that is too wide',
    object('batch/v1', 'CronJob', {
      spec: {
        schedule: '@daily',
        jobTemplate: {
          spec: {
            completionMode: 'Indexed',
            completions: 100_001,
            parallelism: 10_001,
            template: { spec: { containers: [container], restartPolicy: 'Never' } },
          },
        },
      },
    }),
    [
      'spec.jobTemplate.spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism ' +
        'higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes ' +
        'fail',
    ],
  ],
  [
    'a wide job without indexes',
    object('batch/v1', 'Job', {
      spec: {
        completions: 100_001,
        parallelism: 10_001,
        template: { spec: { containers: [container], restartPolicy: 'Never' } },
      },
    }),
    [],
  ],
  [
    'a name that is no label',
    deployment({}, 'a.b'),
    [
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS ' +
        'label is recommended: [must not contain dots]',
    ],
  ],
  [
    'ports that overlap',
    pod({
      containers: [
        { ...container, ports: [{ containerPort: 80 }, { containerPort: 80, hostPort: 8080 }, { containerPort: 80 }] },
      ],
    }),
    [
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
    ],
  ],
  [
    'ports of one name',
    pod({
      initContainers: [
        { ...container, name: 'i', restartPolicy: 'Always', ports: [{ containerPort: 80, name: 'web' }] },
      ],
      containers: [
        { ...container, ports: [{ containerPort: 81 }, { containerPort: 82 }, { containerPort: 83, name: 'web' }] },
      ],
    }),
    [
      'spec.containers[0].ports[2]: duplicate port name "web" with spec.initContainers[0].ports[0], services ' +
        'and probes that select ports by name will use spec.initContainers[0].ports[0]',
    ],
  ],
  [
    'a variable that hides another',
    pod({
      containers: [
        {
          ...container,
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '$(A) 2' },
            { name: 'A', value: '3' },
            { name: 'A', value: '$(A)' },
          ],
        },
      ],
    }),
    [
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
      'spec.containers[0].env[3]: hides previous definition of "A", which may be dropped when using apply',
    ],
  ],
  [
    "files of a volume that are in each other's way",
    pod({
      volumes: [
        {
          name: 'c',
          configMap: {
            name: 'm',
            items: [
              { key: 'a', path: 'x' },
              { key: 'b', path: 'x/y' },
              { key: 'c', path: 'xy' },
              { key: 'd', path: 'x-y' },
              { key: 'e', path: 'x' },
            ],
          },
        },
      ],
    }),
    [
      'volume "c" (ConfigMap "m"): overlapping paths: "x/y" with "x"',
      'volume "c" (ConfigMap "m"): overlapping paths: "x" with "x"',
      'volume "c" (ConfigMap "m"): overlapping paths: "x" with "x/y"',
    ],
  ],
  [
    'a projected file in the place of a token',
    pod({
      volumes: [
        {
          name: 'p',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token' } },
              { secret: { name: 's', items: [{ key: 'a', path: 'token' }] } },
            ],
          },
        },
      ],
    }),
    ['volume "p" (Projected): overlapping paths: "token" (Secret "s") with "token" (ServiceAccountToken)'],
  ],
  [
    'a projection of nothing',
    pod({ volumes: [{ name: 'p', projected: { sources: [{}] } }] }),
    ['volume "p" (Projected) has no sources provided'],
  ],
  [
    'a service with a name that its type does not use',
    object('v1', 'Service', { spec: { externalName: 'a.example.com', ports: [{ port: 80 }] } }),
    ['spec.externalName is ignored when spec.type is not "ExternalName"'],
  ],
  [
    'host aliases of one address',
    pod({
      hostAliases: [
        { ip: '10.0.0.1', hostnames: ['a'] },
        { ip: '10.0.0.1', hostnames: ['b'] },
      ],
    }),
    ['spec.hostAliases[1].ip: duplicate ip "10.0.0.1"'],
  ],
  [
    'parts of bytes',
    pod({ containers: [{ ...container, resources: { requests: { memory: '100m' } } }] }),
    ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'],
  ],
  [
    'volumes that do nothing',
    pod({ volumes: [{ name: 'v', cephfs: { monitors: ['m'] } }] }),
    ['spec.volumes[0].cephfs: deprecated in v1.28, non-functional in v1.31+'],
  ],
  [
    'addresses in odd forms',
    object('v1', 'Service', { spec: { ports: [{ port: 80 }], externalIPs: ['010.001.0.1', '2001:DB8::0'] } }),
    [
      'spec.externalIPs[0]: non-standard IP address "010.001.0.1" will be considered invalid in a future ' +
        'Kubernetes release: use "10.1.0.1"',
      'spec.externalIPs[1]: IPv6 address "2001:DB8::0" should be in RFC 5952 canonical format ("2001:db8::")',
    ],
  ],
  [
    'an old annotation of a service',
    object('v1', 'Service', {
      metadata: { annotations: { 'service.kubernetes.io/topology-aware-hints': 'Auto' } },
      spec: { ports: [{ port: 80 }] },
    }),
    [
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use ' +
        'service.kubernetes.io/topology-mode instead',
    ],
  ],
  [
    'a network with bits beyond its prefix',
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.1.2.3/8' } }] }] },
    }),
    [
      'spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.1.2.3/8" is ambiguous in this context (should be ' +
        '"10.0.0.0/8" or "10.1.2.3/32"?)',
    ],
  ],
  [
    'endpoints by name',
    object('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'FQDN',
      endpoints: [{ addresses: ['a.example.com'] }],
      ports: [],
    }),
    ['spec.addressType: FQDN endpoints are deprecated'],
  ],
  [
    'a certificate of TLS that is none',
    object('v1', 'Secret', {
      type: 'kubernetes.io/tls',
      stringData: {
        'tls.crt': '-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n',
        'tls.key': '-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n',
      },
    }),
    ['x509: malformed certificate'],
  ],
  [
    'a block of TLS that cannot be read',
    object('v1', 'Secret', {
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': '-----BEGIN CERTIFICATE-----\nfoo\n-----END CERTIFICATE-----\n', 'tls.key': 'y' },
    }),
    ['tls: failed to find any PEM data in certificate input'],
  ],
  [
    'a pair of TLS that is none',
    object('v1', 'Secret', { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x', 'tls.key': 'y' } }),
    ['tls: failed to find any PEM data in certificate input'],
  ],
  [
    'an old annotation of a service account',
    object('v1', 'ServiceAccount', {
      metadata: { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
    }),
    [
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate ' +
        'namespaces to isolate access to mounted secrets',
    ],
  ],
  [
    'what was never moved on from, of a volume',
    object('v1', 'PersistentVolume', {
      metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'c' } },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        rbd: { monitors: ['m'], image: 'i' },
        persistentVolumeReclaimPolicy: 'Recycle',
      },
    }),
    [
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use ' +
        '"storageClassName" attribute instead',
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended ' +
        'approach is to use dynamic provisioning.',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ],
  ],
  [
    'old fields of a node',
    object('v1', 'Node', { spec: { externalID: 'x', podCIDR: '10.0.0.1/24' } }),
    [
      'spec.externalID: this field is deprecated, and is unused by Kubernetes',
      'spec.podCIDRs[0]: CIDR value "10.0.0.1/24" is ambiguous in this context (should be "10.0.0.0/24" or ' +
        '"10.0.0.1/32"?)',
    ],
  ],
];

for (const [title, body, expected] of cases) {
  test(`a new object is warned about ${title}`, (t) => {
    t.deepEqual(warned(body), expected);
  });
}

test('many files of a volume are soon looked through', (t) => {
  const items = (path: (index: number) => string): JsonObject =>
    pod({
      volumes: [
        {
          name: 'c',
          configMap: {
            name: 'm',
            items: Array.from({ length: 20_000 }, (_, index) => ({ key: 'k', path: path(index) })),
          },
        },
      ],
    });
  const start = process.cpuUsage();
  t.deepEqual(warned(items((index) => `d${index}/f`)), []);
  t.is(warned(items(() => 'f')).length, 1000);
  t.true(process.cpuUsage(start).user < 5_000_000);
});

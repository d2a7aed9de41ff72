import test from 'ava';
import { created } from '../../testing/checked.ts';
import { type Body, container, pod } from './pods.fixture.ts';

const qualifiedPart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const label1123 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
  "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const refusals: readonly (readonly [string, Body, readonly string[]])[] = [
  ['without containers', { containers: [] }, ['spec.containers: Required value']],
  [
    'with a container name that is no label',
    { containers: [container({ name: 'a_b' })] },
    [`spec.containers[0].name: Invalid value: "a_b": ${label1123}`],
  ],
  [
    'with an unknown restart policy',
    { restartPolicy: 'Now' },
    ['spec.restartPolicy: Unsupported value: "Now": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    'with two volumes of one name',
    {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    },
    ['spec.volumes[1].name: Duplicate value: "v"'],
  ],
  [
    'with two sources of a volume',
    { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/a' } }] },
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'with a hostPath that climbs',
    { volumes: [{ name: 'v', hostPath: { path: '/a/../b' } }] },
    ['spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  ],
  [
    'that mounts what it does not have',
    { containers: [container({ volumeMounts: [{ name: 'no', mountPath: '/m' }] })] },
    ['spec.containers[0].volumeMounts[0].name: Not found: "no"'],
  ],
  [
    'with a file beside its volume',
    { volumes: [{ name: 'v', configMap: { name: 'm', items: [{ key: 'a', path: '..' }] } }] },
    [
      'spec.volumes[0].configMap.items[0].path: Invalid value: "..": must not contain \'..\'',
      'spec.volumes[0].configMap.items[0].path: Invalid value: "..": must not start with \'..\'',
    ],
  ],
  [
    'whose volumes are mounted with a label',
    { securityContext: { seLinuxChangePolicy: 'MountOption' } },
    ['spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"'],
  ],
  [
    'with a node under its old name in a file',
    { volumes: [{ name: 'v', downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'spec.host' } }] } }] },
    [
      'spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: ' +
        '"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
    ],
  ],
  [
    'with a label of a label',
    {
      containers: [
        container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a']['b']" } } }] }),
      ],
    },
    [`spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: "a']['b": ${qualifiedPart}`],
  ],
  [
    'with a probe that does nothing',
    { containers: [container({ readinessProbe: {} })] },
    ['spec.containers[0].readinessProbe: Required value: must specify a handler type'],
  ],
  [
    'with a liveness probe that wants two successes',
    { containers: [container({ livenessProbe: { exec: { command: ['x'] }, successThreshold: 2 } })] },
    ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  ],
  [
    'with hooks on an init container',
    { initContainers: [container({ name: 'i', lifecycle: { preStop: { exec: { command: ['x'] } } } })] },
    ['spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always'],
  ],
  [
    'with a variable from nowhere',
    { containers: [container({ env: [{ name: 'A', valueFrom: {} }] })] },
    [
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, ' +
        '`resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ],
  ],
  [
    'with a field that does not exist',
    { containers: [container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.colour' } } }] })] },
    [
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.colour": error converting ' +
        'fieldPath: field label not supported: spec.colour',
    ],
  ],
  [
    'that asks for more than its limit',
    { containers: [container({ resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } })] },
    ['spec.containers[0].resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi'],
  ],
  [
    'with a resource nobody knows',
    { containers: [container({ resources: { requests: { disk: '1' } } })] },
    [
      'spec.containers[0].resources.requests[disk]: Invalid value: disk: must be a standard resource for containers',
      'spec.containers[0].resources.requests[disk]: Invalid value: disk: must be a standard resource type or ' +
        'fully qualified',
    ],
  ],
  [
    'with part of a device',
    { containers: [container({ resources: { limits: { 'example.com/gpu': '500m' } } })] },
    [
      'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: {"amount":"500m"}: must be an integer',
      'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: {"amount":"500m"}: must be an integer',
    ],
  ],
  [
    'with a toleration of everything but one value',
    { tolerations: [{ operator: 'Equal', value: 'a' }] },
    [
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, ' +
        'which means "match all values and all keys"',
    ],
  ],
  [
    'with very many rules of scheduling',
    {
      tolerations: Array.from({ length: 257 }, () => ({ operator: 'Exists' })),
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: Array.from({ length: 257 }, () => ({})),
          },
          preferredDuringSchedulingIgnoredDuringExecution: Array.from({ length: 257 }, () => ({ weight: 1 })),
        },
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: Array.from({ length: 257 }, () => ({})) },
      },
      topologySpreadConstraints: Array.from({ length: 257 }, () => ({})),
    },
    [
      'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
      'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution',
      'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution',
      'tolerations',
      'topologySpreadConstraints',
    ].map((path) => `spec.${path}: Too many: 257: must have at most 256 items`),
  ],
  [
    'with an empty node affinity',
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } } },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required ' +
        'value: must have at least one node selector term',
    ],
  ],
  [
    'with a spread without skew',
    { topologySpreadConstraints: [{ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 0 }] },
    ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero'],
  ],
  [
    'with resolution by nobody',
    { dnsPolicy: 'None' },
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'with a user below zero',
    { securityContext: { runAsUser: -1 } },
    ['spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  ],
  [
    'with a local seccomp profile without a name',
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
    [
      'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is ' +
        'Localhost',
    ],
  ],
  [
    'that takes one port of the host twice',
    {
      containers: [
        container({
          ports: [
            { containerPort: 1, hostPort: 9 },
            { containerPort: 2, hostPort: 9 },
          ],
        }),
      ],
    },
    ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//9"'],
  ],
  [
    'with its own user namespace and the network of the host',
    { hostUsers: false, hostNetwork: true },
    ['spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false'],
  ],
  [
    'for Linux with options for Windows',
    { os: { name: 'linux' }, securityContext: { windowsOptions: { runAsUserName: 'a' } } },
    ['spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod'],
  ],
  [
    'that brings ephemeral containers',
    { ephemeralContainers: [container({ name: 'e' })] },
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
];

for (const [what, spec, expected] of refusals) {
  test(`a pod ${what} is refused`, (t) => {
    t.deepEqual(created(pod(spec)).errors, [...expected].sort());
  });
}

import test from 'ava';
import { parseAddress, parseCidr } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { findResource } from '../schema/index.ts';
import { addressErrors, specialAddressErrors } from './addresses.ts';
import { behaviourOf, defaultBehaviour } from './index.ts';
import { created, rowOf, updated } from './testing/checked.ts';

const object = (apiVersion: string, kind: string, fields: JsonObject = {}): JsonObject => ({
  apiVersion,
  kind,
  ...fields,
});

test('addresses are read in every notation', (t) => {
  t.deepEqual(parseAddress('10.0.0.1'), { family: 'IPv4', bits: 0x0a000001n });
  t.deepEqual(parseAddress('::ffff:10.0.0.1'), { family: 'IPv4', bits: 0x0a000001n });
  t.deepEqual(parseAddress('fd00::1'), { family: 'IPv6', bits: (0xfd00n << 112n) | 1n });
  for (const text of ['10.0.0', '10.0.0.256', 'fd00:::1', 'x', '', '1:2:3:4:5:6:7:8:9', '::1::'])
    t.is(parseAddress(text), undefined, text);
  t.is(addressErrors('p', 'x').length, 1);
  t.is(parseCidr('10.0.0.0/33'), undefined);
  t.is(
    specialAddressErrors('p', '169.254.1.1')[0]?.detail,
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  );
});

test('a kind without its own behaviour keeps its status apart and counts generations', (t) => {
  const info = findResource('apps', 'v1', 'deployments');
  if (info === undefined) return t.fail('the tables have no deployments');
  const behaviour = defaultBehaviour(info);
  const next: JsonObject = { metadata: { name: 'a' }, spec: { a: 2 }, status: { hacked: true } };
  behaviour.prepareForUpdate?.(next, {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'a', generation: 3 },
    spec: { a: 1 },
    status: { b: 1 },
  });
  t.deepEqual(next, { metadata: { name: 'a', generation: 4 }, spec: { a: 2 }, status: { b: 1 } });
  t.is(behaviourOf(info), behaviourOf(info));
});

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
  "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const refusals: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  [
    'an event about another namespace',
    object('v1', 'Event', { involvedObject: { namespace: 'm' } }),
    ['involvedObject.namespace: Invalid value: "m": does not match event.namespace'],
  ],
  [
    'a new event without a time',
    object('events.k8s.io/v1', 'Event', { regarding: { namespace: 'n' }, type: 'Normal' }),
    ['eventTime: Required value'],
  ],
  [
    'a lease of no duration',
    object('coordination.k8s.io/v1', 'Lease', { spec: { leaseDurationSeconds: 0 } }),
    ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  ],
  [
    'a slice of the wrong family',
    object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv6', endpoints: [{ addresses: ['10.0.0.1'] }] }),
    ['endpoints[0].addresses: Invalid value: "10.0.0.1": must be an IPv6 address'],
  ],
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
    'a budget of more than all',
    object('policy/v1', 'PodDisruptionBudget', { spec: { maxUnavailable: '101%' } }),
    [
      'spec.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be ' +
        'greater than 100%',
    ],
  ],
  [
    'a class that claims to be the system',
    object('scheduling.k8s.io/v1', 'PriorityClass', { metadata: { name: 'system-mine' }, value: 1 }),
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. " +
        'error: system-mine is not a known system priority class',
    ],
  ],
  [
    'a storage class that recycles',
    object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b', reclaimPolicy: 'Recycle' }),
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    'an autoscaler with its ends crossed',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { minReplicas: 4, maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
    ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
  ],
  [
    'an autoscaler by a metric of an unknown type',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' }, metrics: [{ type: 'X' }] },
    }),
    Array(2).fill(
      'spec.metrics[0].type: Unsupported value: "X": supported values: "ContainerResource", "External", ' +
        '"Object", "Pods", "Resource"',
    ) as string[],
  ],
  [
    'an autoscaler by a metric of pods without a good target',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [{ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'Some', averageValue: '-1' } } }],
      },
    }),
    [
      'spec.metrics[0].pods.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].pods.target.averageValue: Invalid value: {"quantity":"-1"}: must be positive',
    ],
  ],
  [
    'an autoscaler by a metric of another type than its source',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'Pods',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } },
            external: { metric: { name: 'm' }, target: { type: 'Value', value: '1' } },
          },
        ],
      },
    }),
    [
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
      'spec.metrics[0].external: Forbidden: must populate the given metric source only',
      'spec.metrics[0].resource: Forbidden: must populate the given metric source only',
    ],
  ],
  [
    'an autoscaler by a metric of an object without a target',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'Object',
            object: { describedObject: { kind: 'Ingress', name: 'i' }, metric: {}, target: { type: 'Value' } },
          },
        ],
      },
    }),
    [
      'spec.metrics[0].object.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
    ],
  ],
  [
    'an autoscaler by what no container has',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'ContainerResource',
            containerResource: { name: 'pods', container: 'A', target: { type: 'Utilization', averageUtilization: 5 } },
          },
        ],
      },
    }),
    [
      'spec.metrics[0].containerResource.container: Invalid value: "A": a lowercase RFC 1123 label must ' +
        "consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
        "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.metrics[0].containerResource.name: Invalid value: "pods": must be a standard resource for containers',
    ],
  ],
  [
    'an autoscaler down to nothing by what its pods use',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { minReplicas: 0, maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero ' +
        'replicas',
    ],
  ],
  [
    'a driver with two tokens for one audience',
    object('storage.k8s.io/v1', 'CSIDriver', {
      spec: {
        tokenRequests: [
          { audience: 'a', expirationSeconds: 1 },
          { audience: 'a', expirationSeconds: 1 },
        ],
      },
    }),
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
    ],
  ],
  [
    'a node with a driver of a topology without a name',
    object('storage.k8s.io/v1', 'CSINode', { spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: [''] }] } }),
    [
      'spec.drivers[0]: Required value',
      'spec.drivers[0]: Invalid value: "": name part must be non-empty',
      "spec.drivers[0]: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or " +
        "'.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc'," +
        " regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'an attachment of a volume without a name',
    object('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: '-' } },
    }),
    [
      'spec.source.persistentVolumeName: Invalid value: "-": a lowercase RFC 1123 subdomain must consist of ' +
        "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
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
  [
    'a claim for two sources',
    object('v1', 'PersistentVolumeClaim', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
        dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
      },
    }),
    ['spec: Invalid value: field.Path{name:"dataSource"}: must match dataSourceRef'],
  ],
  [
    'a storage class for the same places twice',
    object('storage.k8s.io/v1', 'StorageClass', {
      provisioner: 'a/b',
      allowedTopologies: [
        { matchLabelExpressions: [{ key: 'z', values: ['a', 'b'] }] },
        { matchLabelExpressions: [{ key: 'z', values: ['b', 'a'] }] },
      ],
    }),
    ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ],
  [
    'a storage class for no place',
    object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b', allowedTopologies: [{}] }),
    ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ],
  [
    'a certificate for no use',
    object('certificates.k8s.io/v1', 'CertificateSigningRequest', { spec: { request: 'AA==', signerName: 'a.b/c' } }),
    [
      'spec.request: Invalid value: []byte{AA==}: PEM block type must be CERTIFICATE REQUEST',
      'spec.usages: Required value',
    ],
  ],
  [
    'an API service under another name',
    object('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v2.g.example' },
      spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
    }),
    ['metadata.name: Invalid value: "v2.g.example": must be `spec.version+"."+spec.group`: "v1.g.example"'],
  ],
  [
    'a webhook over plain HTTP',
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [
        { name: 'a.b.c', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig: { url: 'http://h/' } },
      ],
    }),
    [
      'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired ' +
        'format: https://host[/path]',
    ],
  ],
  [
    'a webhook at no URL',
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [
        { name: 'a.b.c', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig: { url: 'https://[::1' } },
      ],
    }),
    [
      'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://[::1": missing ' +
        "']' in host; desired format: https://host[/path]",
    ],
  ],
  [
    'a webhook at an odd path',
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { service: { name: 's', namespace: 'n', path: 'a//b/' } },
        },
      ],
    }),
    ['segment[0] may not be empty', 'segment[1] may not be empty', "must start with a '/'"].map(
      (text) => `webhooks[0].clientConfig.service.path: Invalid value: "a//b/": ${text}`,
    ),
  ],
  [
    'a policy of empty choices',
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
      spec: {
        failurePolicy: '',
        matchConstraints: {
          matchPolicy: '',
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] }],
        },
        validations: [{ expression: 'namespaceObject.metadata.name == variables.x' }],
      },
    }),
    [
      'spec.failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"',
      'spec.matchConstraints.matchPolicy: Unsupported value: "": supported values: "Equivalent", "Exact"',
      'spec.validations[0].expression: Invalid value: "namespaceObject.metadata.name == variables.x": ' +
        `compilation failed: ERROR: <input>:1:34: undeclared reference to 'variables' (in container '')\n | ` +
        `namespaceObject.metadata.name == variables.x\n | ${'.'.repeat(33)}^`,
    ],
  ],
  [
    'a policy that asks a namespace for what it has not',
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] }],
        },
        validations: [
          { expression: "namespaceObject.metadata.uid == '' || namespaceObject.metadata.labels['a'] == 'b'" },
        ],
      },
    }),
    [
      `spec.validations[0].expression: Invalid value: "namespaceObject.metadata.uid == '' || ` +
        `namespaceObject.metadata.labels['a'] == 'b'": compilation failed: ERROR: <input>:1:25: undefined field ` +
        `'uid'\n | namespaceObject.metadata.uid == '' || namespaceObject.metadata.labels['a'] == 'b'\n | ` +
        `${'.'.repeat(24)}^`,
    ],
  ],
  [
    'a binding without an action',
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', { spec: { policyName: 'p' } }),
    ['spec.validationActions: Required value: at least one validation action is required'],
  ],
  [
    'a flow schema before all others',
    object('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {
      spec: { matchingPrecedence: 1, priorityLevelConfiguration: { name: 'p' } },
    }),
    ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  ],
  [
    'a flow schema by its lists',
    object('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {
      spec: {
        distinguisherMethod: { type: 'ByLuck' },
        priorityLevelConfiguration: { name: 'p' },
        rules: [
          {
            subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'A' } }],
            resourceRules: [{ verbs: ['get', 'look'], apiGroups: [''], resources: ['pods'], namespaces: ['B'] }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/a/*', 'b', '/c//d', '/e*', '/f g', ''] }],
          },
        ],
      },
    }),
    [
      'spec.distinguisherMethod.type: Unsupported value: {"type":"ByLuck"}: supported values: "ByNamespace", "ByUser"',
      `spec.rules[0].subjects[0].serviceAccount.namespace: Invalid value: "A": ${label}`,
      'spec.rules[0].resourceRules[0].verbs: Unsupported value: ["get","look"]: supported values: "create", ' +
        '"delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      `spec.rules[0].resourceRules[0].namespaces[0]: Invalid value: "B": each member of this list must be '*' ` +
        `or a DNS-1123 label; ${label}`,
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "b": must start with slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/c//d": must not contain double slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/e*": wildcard can only do suffix ' +
        'matching',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[4]: Invalid value: "/f g": must not contain white-space',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[5]: Invalid value: "": must not be empty',
    ],
  ],
  [
    'a level that lets all through under another name',
    object('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', { spec: { type: 'Exempt' } }),
    ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
  ],
  [
    'a level with more choices than a hash has',
    object('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', {
      spec: {
        type: 'Limited',
        limited: { limitResponse: { type: 'Queue', queuing: { queues: 1024, handSize: 7, queueLengthLimit: 1 } } },
      },
    }),
    [
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 ' +
        'and handSize 7 should not be greater than 60',
    ],
  ],
  [
    'a role of roles by a selector that cannot be read',
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', {
      aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] },
    }),
    [
      'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values: Required value: must be specified ' +
        "when `operator` is 'In' or 'NotIn'",
      'aggregationRule.clusterRoleSelectors[0]: Invalid value: {"matchExpressions":[{"key":"a",' +
        '"operator":"In"}]}: invalid label selector.',
    ],
  ],
  [
    'a runtime class that tolerates twice and costs nothing known',
    object('node.k8s.io/v1', 'RuntimeClass', {
      handler: 'h',
      overhead: { podFixed: { cpu: '-1' } },
      scheduling: {
        tolerations: [
          { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
          { key: 'a', operator: 'Exists', effect: 'NoExecute' },
        ],
      },
    }),
    [
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists","effect":"NoExecute"}',
    ],
  ],
  [
    'an API service of this server with a bundle',
    object('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v1.g.example' },
      spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, caBundle: 'eHg=' },
    }),
    ['spec.caBundle: Invalid value: "2 bytes": local APIServices may not have a caBundle'],
  ],
];
for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

const range = object('networking.k8s.io/v1', 'ServiceCIDR', { spec: { cidrs: ['10.1.0.0/24'] } });
const csiNode = object('storage.k8s.io/v1', 'CSINode', {
  spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: [] }] },
});
const attachment = object('storage.k8s.io/v1', 'VolumeAttachment', {
  spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
});
const runtimeClass = object('node.k8s.io/v1', 'RuntimeClass', { handler: 'h' });
const networkPolicy = object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {} } });

const event = object('events.k8s.io/v1', 'Event', {
  metadata: { namespace: 'default' },
  eventTime: '2024-01-01T00:00:00.000001Z',
  note: 'hello',
  reason: 'R',
  action: 'A',
  type: 'Normal',
  reportingController: 'c',
  reportingInstance: 'i',
});

/** Upstream checks some kinds more than once at an update, and so says the same more than once. */
const changes: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
  [
    'the reason of an event',
    event,
    { reason: 'S', note: 'other' },
    [
      'message: Invalid value: "other": field is immutable',
      ...(Array(2).fill('reason: Invalid value: "S": field is immutable') as string[]),
    ],
  ],
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
    'a driver of a node',
    csiNode,
    { spec: { drivers: [{ name: 'd', nodeID: 'm', topologyKeys: [] }] } },
    ['spec.drivers: Invalid value: {"name":"d","nodeID":"m","topologyKeys":[]}: field is immutable'],
  ],
  [
    'a driver of a node for one without an ID',
    csiNode,
    { spec: { drivers: [{ name: 'e', nodeID: '', topologyKeys: [] }] } },
    Array(2).fill('spec.drivers[0].nodeID: Required value') as string[],
  ],
  [
    'where a volume is attached',
    attachment,
    { spec: { attacher: '', source: { persistentVolumeName: 'v' }, nodeName: 'n' } },
    [
      'spec.attacher: Required value',
      'spec.attacher: Required value',
      'spec: Invalid value: {"attacher":"","source":{"persistentVolumeName":"v"},"nodeName":"n"}: field is immutable',
    ],
  ],
  [
    'a handler for a bad one',
    runtimeClass,
    { handler: 'H' },
    [`handler: Invalid value: "H": ${label}`, 'handler: Invalid value: "H": field is immutable'],
  ],
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

test('what of an endpoint slice is not written any more is dropped', (t) => {
  const { object: slice, errors } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          deprecatedTopology: { 'topology.kubernetes.io/zone': 'z' },
          hints: { forNodes: [{ name: 'n' }], forZones: [{ name: 'z' }] },
        },
      ],
    }),
  );
  t.deepEqual(errors, []);
  t.like(slice, {
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        deprecatedTopology: undefined,
        hints: { forNodes: undefined, forZones: [{ name: 'z' }] },
      },
    ],
  });
});

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

test('endpoints without a ready address show nothing, an address what has it', (t) => {
  const endpoints = created(
    object('v1', 'Endpoints', { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  ).object;
  t.is(rowOf(endpoints)[1], '');
  t.is(rowOf(created(object('v1', 'Endpoints', {})).object)[1], '<none>');
  const address = created(
    object('networking.k8s.io/v1', 'IPAddress', {
      metadata: { name: '10.0.0.1' },
      spec: { parentRef: { group: 'g.example', resource: 'gateways', namespace: 'n', name: 'a' } },
    }),
  ).object;
  t.deepEqual(rowOf(address), ['10.0.0.1', 'gateways.g.example/n/a', '60m']);
});

test(
  'a claim names nothing of another namespace, the old way alone nothing but claims and snapshots, and one ' +
    'source in both ways',
  (t) => {
    const claim = (sources: object): unknown =>
      created(
        object('v1', 'PersistentVolumeClaim', {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...sources },
        }),
      );
    const plain = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeMode: 'Filesystem',
    };
    t.like(claim({ dataSource: { kind: '', name: '' }, dataSourceRef: { kind: 'Pod', name: 'p', namespace: 'm' } }), {
      errors: [],
      object: { spec: plain },
    });
    const widget = { kind: 'Widget', name: 'w', apiGroup: 'example.com' };
    t.like(claim({ dataSource: widget }), { errors: [], object: { spec: plain } });
    t.like(claim({ dataSourceRef: widget }), {
      errors: [],
      object: { spec: { ...plain, dataSource: widget, dataSourceRef: widget } },
    });
    t.like(claim({ dataSource: { ...widget, name: 'v' }, dataSourceRef: widget }), {
      errors: ['spec: Invalid value: field.Path{name:"dataSource"}: must match dataSourceRef'],
    });
  },
);

test('warnings about a policy say what they warn of', (t) => {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] };
  const { object: policy } = created(
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
      spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
    }),
  );
  const expressionWarnings = [
    { fieldRef: 'spec.validations[0].expression', warning: 'w' },
    { fieldRef: ' ', warning: '' },
  ];
  t.deepEqual(
    updated(
      policy,
      (next) => {
        next['status'] = { typeChecking: { expressionWarnings } };
      },
      'status',
    ).errors,
    ['fieldRef', 'warning'].map((field) => `status.typeChecking.expressionWarnings[1].${field}: Required value`),
  );
});

test('an event of either group is the same stored event', (t) => {
  const { object: event } = created(
    object('events.k8s.io/v1', 'Event', {
      eventTime: '2024-01-01T00:00:00.000001Z',
      regarding: { kind: 'Pod', name: 'p', namespace: 'n' },
      note: 'hello',
      reason: 'R',
      action: 'A',
      type: 'Normal',
      reportingController: 'c',
      reportingInstance: 'i',
    }),
  );
  const behaviour = behaviourOf({ ...findResource('events.k8s.io', 'v1', 'events')! });
  const stored = behaviour.toStorage?.({ ...event }) ?? {};
  t.like(stored, { apiVersion: 'v1', involvedObject: { name: 'p' }, message: 'hello', reportingComponent: 'c' });
  t.deepEqual(behaviour.fromStorage?.(stored), { ...event } as JsonObject);
  t.deepEqual(rowOf(event), ['60m', 'Normal', 'R', 'pod/p', '', 'c, i', 'hello', '60m', 1, 'x']);
});

test('an autoscaler survives the way through its old version', (t) => {
  const { object: autoscaler } = created(
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
        metrics: [
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    }),
  );
  const old = behaviourOf(findResource('autoscaling', 'v1', 'horizontalpodautoscalers')!);
  const first = old.fromStorage?.({ ...autoscaler }) ?? {};
  t.is((first['spec'] as JsonObject)['targetCPUUtilizationPercentage'], 50);
  t.deepEqual(old.toStorage?.(first)['spec'], autoscaler.spec);
  t.deepEqual(rowOf(autoscaler).slice(1, 6), ['Deployment/d', 'memory: <unknown>/1Gi, cpu: <unknown>/50%', '1', 3, 0]);
});

test('a change of its labels counts as a change of an endpoint slice', (t) => {
  const { object: slice } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [] }),
  );
  t.is(slice.metadata.generation, 1);
  t.is(
    updated(slice, (next) => {
      (next['metadata'] as JsonObject)['labels'] = { a: 'b' };
    }).object.metadata.generation,
    2,
  );
  t.is(
    updated(slice, (next) => {
      (next['metadata'] as JsonObject)['annotations'] = { a: 'b' };
    }).object.metadata.generation,
    1,
  );
});

test('what a storage class does to volumes never changes', (t) => {
  const { object: storageClass } = created(object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b' }));
  t.deepEqual(
    updated(storageClass, (next) => {
      next['provisioner'] = 'a/c';
    }).errors,
    ['provisioner: Forbidden: updates to provisioner are forbidden.'],
  );
});

test('the status of an autoscaler counts no fewer than no replicas', (t) => {
  const old = created(
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
  ).object;
  const errors = (currentReplicas: number): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { currentReplicas, desiredReplicas: 1 };
      },
      'status',
    ).errors;
  t.deepEqual(errors(0), []);
  t.deepEqual(errors(-1), ['status.currentReplicas: Invalid value: -1: must be greater than or equal to 0']);
});

test('what is told of an attachment is not too long, and has no codes', (t) => {
  const old = created(
    object('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'p' } },
    }),
  ).object;
  const told = (message: string): ReturnType<typeof updated> =>
    updated(
      old,
      (next) => {
        next['status'] = { attached: false, attachError: { message, errorCode: 8 } };
      },
      'status',
    );
  t.deepEqual(told('no').errors, []);
  t.deepEqual(told('no').object.status, { attached: false, attachError: { message: 'no', time: null } });
  t.deepEqual(told('x'.repeat(1025)).errors, [
    'status.attachError.message: Too long: may not be more than 262144 bytes',
  ]);
});

test('conditions of a budget are whole, and one of each type', (t) => {
  const old = created(object('policy/v1', 'PodDisruptionBudget', { spec: {} })).object;
  const errors = (...conditions: JsonObject[]): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { conditions, currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
      },
      'status',
    ).errors;
  const good = { type: 'A', status: 'True', reason: 'R', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' };
  t.deepEqual(errors(good), []);
  t.deepEqual(errors(good, { type: 'A', status: 'Yes', reason: '', message: '' }), [
    'status.conditions[1].lastTransitionTime: Required value: must be set',
    'status.conditions[1].reason: Required value: must be set',
    'status.conditions[1].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[1].type: Duplicate value: "A"',
  ]);
  t.regex(errors({ ...good, reason: 'not so' })[0] ?? '', /a condition reason must start with alphabetic character/);
});

test(
  'each condition of a level has a type of its own, and one of an API service holds, does not hold or is ' + 'unknown',
  (t) => {
    const level = created(
      object('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', {
        spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
      }),
    ).object;
    const service = created(
      object('apiregistration.k8s.io/v1', 'APIService', {
        metadata: { name: 'v1.g.example' },
        spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
      }),
    ).object;
    const errors = (old: typeof level, ...conditions: JsonObject[]): readonly string[] =>
      updated(
        old,
        (next) => {
          next['status'] = { conditions };
        },
        'status',
      ).errors;
    t.deepEqual(errors(level, { type: 'A' }, { type: 'B' }), []);
    t.deepEqual(errors(level, { type: 'A' }, { type: 'A' }, {}), [
      'status.conditions[1].type: Duplicate value: "A"',
      'status.conditions[2].type: Required value: must not be empty',
    ]);
    t.deepEqual(errors(service, { type: 'Available', status: 'Maybe' }), [
      'status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
    ]);
  },
);

test('the status of a claim tells of storage and of states that there are', (t) => {
  const old = created(
    object('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ).object;
  const errors = (status: JsonObject): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { phase: 'Pending', ...status };
      },
      'status',
    ).errors;
  t.deepEqual(
    errors({
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending', 'example.com/blocks': 'NodeResizeInProgress' },
    }),
    [],
  );
  t.deepEqual(errors({ allocatedResources: { cpu: '1' }, allocatedResourceStatuses: { storage: 'Soon' } }), [
    'status.allocatedResourceStatus: Unsupported value: "storage": supported values: ' +
      '"ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", ' +
      '"NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ]);
});

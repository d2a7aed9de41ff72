import test from 'ava';
import type { JsonObject } from '../object.ts';
import { created } from './testing/checked.ts';
import { label, object } from './objects.fixture.ts';

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

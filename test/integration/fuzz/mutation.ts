import type { Choice } from './choice.ts';

/** Sound bodies to begin from: what is hostile is one change deep inside, which reaches further than noise does. */
const podSpec = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 5,
  nodeSelector: { none: 'such' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  containers: [
    {
      name: 'main',
      image: 'none',
      ports: [{ containerPort: 80 }],
      env: [{ name: 'A', value: 'b' }],
      resources: { limits: { cpu: '1', memory: '1Gi' } },
      livenessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 3 },
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    },
  ],
  volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
      },
    },
  },
};
const template = { metadata: { labels: { app: 'x' } }, spec: podSpec };

export const bodies: readonly Readonly<Record<string, unknown>>[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'made',
      labels: { a: 'b' },
      annotations: { c: 'd' },
      finalizers: ['example.com/f'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }],
    },
    data: { a: 'b' },
    binaryData: { c: 'AAAA' },
  },
  { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'made-' }, spec: podSpec },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { generateName: 'made-' },
    spec: {
      selector: { a: 'b' },
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
      type: 'ClusterIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { generateName: 'made-' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'x' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
      template,
    },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { generateName: 'made-' },
    spec: {
      suspend: true,
      schedule: '*/5 * * * *',
      timeZone: 'Etc/UTC',
      jobTemplate: {
        spec: { backoffLimit: 1, template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } },
      },
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { generateName: 'made-' },
    spec: {
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { generateName: 'made-' },
    spec: {
      minReplicas: 1,
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.fuzz.example.com' },
    spec: {
      group: 'fuzz.example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  'x-kubernetes-validations': [{ rule: 'self.a < 3', message: 'no' }],
                  properties: {
                    a: { type: 'integer', default: 1 },
                    b: { type: 'string', pattern: '^(a+)+$' },
                    c: { 'x-kubernetes-int-or-string': true },
                  },
                },
              },
            },
          },
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { generateName: 'made-' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['none.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['none'] },
        ],
      },
      validations: [{ expression: 'object.metadata.name.matches("^(a+)+$")' }],
    },
  },
  {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: 'u', groups: ['g'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'x' } },
  },
];

/** The body with one to three hostile changes, as JSON text; sometimes the text itself is damaged. */
export function mutated(choice: Choice, body: unknown): Buffer {
  const copy: unknown = JSON.parse(JSON.stringify(body));
  for (let i = 0; i <= choice.below(3); i++) change(choice, copy);
  const text = withOddNumbers(choice, JSON.stringify(copy));
  return Buffer.from(choice.chance(0.15) ? mutatedText(choice, text) : text);
}

function change(choice: Choice, body: unknown): void {
  let at = body;
  for (let depth = 0; depth < 8; depth++) {
    if (typeof at !== 'object' || at === null) return;
    const holder = at as Record<string, unknown>;
    const keys = Object.keys(holder);
    const key = choice.from(keys);
    if (keys.length === 0) return;
    const inner = holder[key];
    if (choice.chance(0.3) || typeof inner !== 'object' || inner === null) {
      if (choice.chance(0.2)) delete holder[key];
      else if (choice.chance(0.2))
        Object.defineProperty(
          holder,
          choice.from(['__proto__', 'constructor', 'unknown', '$patch', key.toUpperCase()]),
          { value: choice.value(3), enumerable: true, configurable: true, writable: true },
        );
      else holder[key] = choice.value(4);
      return;
    }
    at = inner;
  }
}

/** Numbers that JavaScript cannot hold, keys that come twice, nesting without end. */
function withOddNumbers(choice: Choice, text: string): string {
  if (choice.chance(0.1))
    return text.replace(
      /:\d+/,
      `:${choice.from(['9223372036854775807', '9223372036854775808', '1e400', '-0', '0.1e-400', '00', '1_000'])}`,
    );
  if (choice.chance(0.05)) return text.replace('{', '{"kind":"Twice","kind":"Twice",');
  if (choice.chance(0.03))
    return text.replace(/:"[^"]*"/, `:${'['.repeat(20_000)}${choice.chance(0.5) ? ']'.repeat(20_000) : ''}`);
  return text;
}

/** The text with a few characters cut, doubled, swapped or replaced. */
export function mutatedText(choice: Choice, text: string): string {
  let changed = text;
  for (let i = 0; i <= choice.below(4); i++) {
    const at = choice.below(changed.length + 1);
    const length = choice.below(8);
    const odd = choice.from([
      '',
      '"',
      '{',
      '}',
      '[',
      ':',
      '\\',
      '\\u0000',
      '\0',
      '\ufffd',
      '\n',
      '- ',
      '&a',
      '*a',
      '<<',
      '!!js/function',
      '\t',
      changed.slice(at, at + length).repeat(2),
    ]);
    changed = changed.slice(0, at) + odd + changed.slice(at + length);
  }
  return changed;
}

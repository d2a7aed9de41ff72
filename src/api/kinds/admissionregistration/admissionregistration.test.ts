import test from 'ava';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const policyOf = (expressions: readonly string[]): ReturnType<typeof object> =>
  object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      validations: expressions.map((expression) => ({ expression })),
    },
  });

const refusals: readonly Refusal[] = [
  [
    'a policy of more expressions than are compiled in one go',
    policyOf(Array.from({ length: 401 }, () => 'true')),
    ['spec: Invalid value: 401 expressions: the limit is 400'],
  ],
  [
    'a policy of longer expressions than are compiled in one go',
    policyOf(Array.from({ length: 2 }, () => `'${'a'.repeat(15_000)}' != ''`)),
    ['spec: Invalid value: 30016 characters of expressions: the limit is 30000'],
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
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

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

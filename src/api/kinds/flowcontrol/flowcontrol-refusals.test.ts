import test from 'ava';
import { label, object, type Refusal } from '../objects.fixture.ts';
import { created } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
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
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

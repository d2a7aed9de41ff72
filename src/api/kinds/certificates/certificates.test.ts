import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { created, updated } from '../testing/checked.ts';

type Condition = Readonly<Record<string, string>>;

const pem = (type: string, body: string): string => btoa(`-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`);
const certificate = pem('CERTIFICATE', 'MAA=');
const stamped = (condition: Condition): Condition => ({
  lastUpdateTime: '2024-01-01T00:00:00Z',
  lastTransitionTime: '2024-01-01T00:00:00Z',
  ...condition,
});
const requestWith = (status: JsonObject): JsonObject => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'r' },
  spec: {},
  status,
});

/** The errors of a change of the status by `subresource`. */
function errorsOf(subresource: 'status' | 'approval', before: JsonObject, after: JsonObject): readonly string[] {
  const old = { ...created(requestWith({})).object, status: before };
  return updated(
    old,
    (object) => {
      object['status'] = after;
    },
    subresource,
  ).errors;
}

const approved = stamped({ type: 'Approved', status: 'True' });
const denied = stamped({ type: 'Denied', status: 'True' });
const failed = stamped({ type: 'Failed', status: 'True' });
const decisions: readonly (readonly [
  title: string,
  before: readonly Condition[],
  after: readonly Condition[],
  errors: readonly string[],
])[] = [
  ['a request is approved', [], [approved], []],
  [
    'a request approved and denied is refused',
    [],
    [approved, denied],
    ['status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
  ],
  [
    'a denial of an approved request is refused at the later of the two',
    [approved],
    [denied, approved],
    ['status.conditions[1].type: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive'],
  ],
  [
    'an approval that is not true is refused',
    [],
    [stamped({ type: 'Approved', status: 'False' })],
    ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
  ],
  [
    'a failure that is not true is refused',
    [],
    [stamped({ type: 'Failed', status: 'Unknown' })],
    ['status.conditions[0].status: Unsupported value: "Unknown": supported values: "True"'],
  ],
  [
    'another condition may be false, but is one of three',
    [],
    [stamped({ type: 'A', status: 'False' }), stamped({ type: 'B', status: 'No' })],
    ['status.conditions[1].status: Unsupported value: "No": supported values: "False", "True", "Unknown"'],
  ],
  [
    'a condition without type and status is refused',
    [],
    [stamped({})],
    ['status.conditions[0].status: Required value', 'status.conditions[0].type: Required value'],
  ],
  [
    'a condition that is there twice is refused',
    [],
    [failed, failed],
    ['status.conditions[1].type: Duplicate value: "Failed"'],
  ],
  ['what is stored already is borne with', [approved, denied, failed, failed], [approved, denied, failed, failed], []],
  [
    'decisions and failures are never withdrawn',
    [approved, failed],
    [],
    ['Approved', 'Failed'].map(
      (type) => `status.conditions: Forbidden: updates may not remove a condition of type "${type}"`,
    ),
  ],
];
for (const [title, before, after, errors] of decisions) {
  test(title, (t) => {
    t.deepEqual(errorsOf('approval', { conditions: [...before] }, { conditions: [...after] }), errors);
  });
}

const answers: readonly (readonly [title: string, before: JsonObject, after: JsonObject, errors: readonly string[]])[] =
  [
    ['a signer answers with a certificate', {}, { certificate }, []],
    ['a signer says why not', { conditions: [approved] }, { conditions: [approved, failed] }, []],
    [
      'a signer may not approve',
      {},
      { conditions: [approved] },
      ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    ],
    [
      'a signer may not withdraw an approval',
      { conditions: [approved] },
      {},
      ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
    ],
    [
      'an answer stands',
      { certificate },
      { certificate: pem('CERTIFICATE', 'MAIBAA==') },
      ['status.certificate: Forbidden: updates may not modify existing certificate content'],
    ],
    ['an answer that was none may be kept', { certificate: 'eA==' }, { certificate: 'eA==' }, []],
    ...(
      [
        ['eA==', 'must contain at least one CERTIFICATE PEM block'],
        [pem('EC PRIVATE KEY', 'MAA='), 'only CERTIFICATE PEM blocks are allowed, found "EC PRIVATE KEY"'],
        [pem('CERTIFICATE', 'a: b\n\nMAA='), 'no PEM block headers are permitted'],
        [pem('CERTIFICATE', ''), 'found CERTIFICATE PEM block containing 0 certificates'],
        [pem('CERTIFICATE', 'AAAA'), 'x509: malformed certificate'],
      ] as const
    ).map(
      ([text, problem]) =>
        [
          `an answer is refused that ${problem}`,
          {},
          { certificate: text },
          [`status.certificate: Invalid value: "<certificate data>": ${problem}`],
        ] as const,
    ),
  ];
for (const [title, before, after, errors] of answers) {
  test(title, (t) => {
    t.deepEqual(errorsOf('status', before, after), errors);
  });
}

test('what a signer writes of a decision is ignored', (t) => {
  const old = { ...created(requestWith({})).object, status: { conditions: [approved] } };
  const { object, errors } = updated(
    old,
    (changed) => {
      changed['status'] = { conditions: [{ ...approved, reason: 'R' }, failed] };
    },
    'status',
  );
  t.deepEqual([errors, (object['status'] as JsonObject)['conditions']], [[], [approved, failed]]);
});

test('a request that is cut off is refused', (t) => {
  const body = {
    ...requestWith({}),
    spec: { request: pem('CERTIFICATE REQUEST', 'MAA='), signerName: 'a.b/c', usages: ['any'] },
  };
  t.deepEqual(created(body).errors, [
    `spec.request: Invalid value: []byte{${body.spec.request}}: asn1: syntax error: sequence truncated`,
  ]);
});

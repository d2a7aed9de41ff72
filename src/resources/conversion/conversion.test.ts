import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import type { AdmissionPlugin } from '../admission/index.ts';
import { webhookAdmission } from '../admission/webhooks/index.ts';
import { type Harness, startHarness, statusLine } from '../testing/harness.ts';
import type { RecordEvent } from '../service.ts';
import type { WebhookCall } from '../webhook-client.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const at = (version: string): string => `/apis/example.com/${version}/namespaces/default/pipes`;
const names = { plural: 'pipes', singular: 'pipe', kind: 'Pipe', listKind: 'PipeList' };

interface Review {
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly JsonObject[];
  };
}

const schemaOf = (spec: object): object => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } },
});
const versionsOf = (storage: string): object[] => [
  { name: 'v1', served: true, storage: storage === 'v1', schema: schemaOf({ ends: { type: 'string' } }) },
  {
    name: 'v2',
    served: true,
    storage: storage === 'v2',
    schema: schemaOf({ from: { type: 'string' }, to: { type: 'string' }, grade: { type: 'integer', default: 3 } }),
  },
];

/** v1 has `ends: a-b`, v2 `from: a, to: b`. */
function turned(object: JsonObject, desired: string): JsonObject {
  const spec = object['spec'] as { ends?: string; from?: string; to?: string };
  const [from, to] = (spec.ends ?? '').split('-');
  return {
    ...object,
    apiVersion: desired,
    spec: desired.endsWith('v2') ? { from, to } : { ends: `${spec.from ?? ''}-${spec.to ?? ''}` },
  };
}

type Answer = (made: JsonObject[], uid: string) => object;

interface Pipes {
  readonly h: Harness;
  readonly webhook: {
    /** How many objects each call had. */
    readonly calls: number[];
    /** What is sent when the objects are converted. */
    answer: Answer;
  };
}

const review = (response: object, apiVersion = 'apiextensions.k8s.io/v1'): object => ({
  apiVersion,
  kind: 'ConversionReview',
  response,
});
const good: Answer = (convertedObjects, uid) => review({ uid, result: { status: 'Success' }, convertedObjects });

/** A cluster with an established definition of two versions; the controller's part is done by hand. */
async function withPipes(admission: readonly AdmissionPlugin[] = []): Promise<Pipes> {
  const webhook: Pipes['webhook'] = { calls: [], answer: good };
  const callWebhook: WebhookCall = (url, body) => {
    if (url !== 'https://turner.example/turn?timeout=30s') return Promise.reject(new Error(`no such host: ${url}`));
    const { request } = JSON.parse(new TextDecoder().decode(body)) as Review;
    webhook.calls.push(request.objects.length);
    const made = request.objects.map((object) => turned(object, request.desiredAPIVersion));
    return Promise.resolve({
      status: 200,
      body: new TextEncoder().encode(JSON.stringify(webhook.answer(made, request.uid))),
    });
  };
  const h = await startHarness({ callWebhook, admission });
  const conversion = {
    strategy: 'Webhook',
    webhook: { clientConfig: { url: 'https://turner.example/turn' }, conversionReviewVersions: ['v1'] },
  };
  const made = await h.post(definitions, {
    metadata: { name: 'pipes.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, conversion, versions: versionsOf('v1') },
  });
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2020-01-01T00:00:00Z',
    reason: 'x',
    message: 'x',
  }));
  await h.put(`${definitions}/pipes.example.com/status`, {
    ...made,
    status: { conditions, acceptedNames: names, storedVersions: ['v1'] },
  });
  return { h, webhook };
}

const pipe = (version: string, name: string, spec: object): object => ({
  apiVersion: `example.com/${version}`,
  kind: 'Pipe',
  metadata: { name },
  spec,
});
const stored = ({ h }: Pipes, name: string): JsonObject =>
  h.store.get(`/example.com/pipes/default/${name}`)?.object<JsonObject>() ?? {};
const shortened = ({ apiVersion, spec }: KubeObject): string =>
  `${apiVersion} ${Object.entries(spec as object)
    .map((entry) => entry.join('='))
    .sort()
    .join(' ')}`;
const seen = (events: readonly RecordEvent[]): string[] =>
  events.map((event) =>
    'record' in event ? `${event.type} ${shortened(event.record.object<KubeObject>())}` : event.type,
  );

test('an object written in one version is stored in another and read in either', async (t) => {
  const pipes = await withPipes();
  const { h } = pipes;
  const made = await h.post(at('v2'), pipe('v2', 'p', { from: 'a', to: 'b' }));
  t.deepEqual(made['spec'], { from: 'a', grade: 3, to: 'b' });
  t.deepEqual([stored(pipes, 'p')['apiVersion'], stored(pipes, 'p')['spec']], ['example.com/v1', { ends: 'a-b' }]);
  t.deepEqual((await h.get(`${at('v1')}/p`))['spec'], { ends: 'a-b' });
  const changed = await h.patch(`${at('v2')}/p`, 'merge', { spec: { to: 'c' } });
  t.deepEqual(
    [changed['apiVersion'], changed['spec'], changed.metadata.generation],
    ['example.com/v2', { from: 'a', grade: 3, to: 'c' }, 2],
  );
  t.deepEqual(stored(pipes, 'p')['spec'], { ends: 'a-c' });
  const removed = await h.remove(`${at('v2')}/p`);
  t.deepEqual(removed['spec'], { from: 'a', grade: 3, to: 'c' });
});

test('the server chooses the name of an object that is converted', async (t) => {
  const { h } = await withPipes();
  const made = await h.post(at('v2'), { ...pipe('v2', '', { from: 'a', to: 'b' }), metadata: { generateName: 'p-' } });
  t.regex(made.metadata.name ?? '', /^p-.{5}$/);
  t.deepEqual((await h.get(`${at('v2')}/${made.metadata.name ?? ''}`))['spec'], { from: 'a', grade: 3, to: 'b' });
});

test('a list is converted by one call, and a record once', async (t) => {
  const { h, webhook } = await withPipes();
  for (const name of ['p', 'q', 'r']) await h.post(at('v1'), pipe('v1', name, { ends: `${name}-z` }));
  t.deepEqual(webhook.calls, []);
  t.deepEqual((await h.list(at('v2'))).names, ['p', 'q', 'r']);
  await Promise.all([h.list(at('v2')), h.get(`${at('v2')}/p`), h.list(at('v2'), { limit: 2 })]);
  t.deepEqual(webhook.calls, [3]);
  await h.post(at('v1'), pipe('v1', 's', { ends: 's-z' }));
  t.deepEqual((await h.list(at('v2'), { labelSelector: '!x' })).names, ['p', 'q', 'r', 's']);
  t.deepEqual(webhook.calls, [3, 1]);
});

test('a watch shows every change in its version and in order', async (t) => {
  const { h } = await withPipes();
  await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }));
  const watch = await h.watch(at('v2'));
  await h.patch(`${at('v1')}/p`, 'merge', { spec: { ends: 'a-c' } });
  await h.post(at('v1'), pipe('v1', 'q', { ends: 'x-y' }));
  await h.remove(`${at('v1')}/p`);
  await h.timers.pass(1);
  t.deepEqual(seen(watch.events), [
    'ADDED example.com/v2 from=a grade=3 to=b',
    'MODIFIED example.com/v2 from=a grade=3 to=c',
    'ADDED example.com/v2 from=x grade=3 to=y',
    'DELETED example.com/v2 from=a grade=3 to=c',
  ]);
});

test('a watch whose webhook fails ends with the reason', async (t) => {
  const { h, webhook } = await withPipes();
  const watch = await h.watch(at('v2'));
  webhook.answer = () => review({});
  await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }));
  await h.timers.pass(1);
  t.deepEqual(
    watch.events.map(({ type }) => type),
    ['ERROR'],
  );
});

test(
  'when the storage version changes, what is stored is read as before and rewritten by the next ' + 'write',
  async (t) => {
    const pipes = await withPipes();
    const { h } = pipes;
    await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }));
    const definition = await h.patch(`${definitions}/pipes.example.com`, 'merge', {
      spec: { versions: versionsOf('v2') },
    });
    t.deepEqual((definition['status'] as { storedVersions: string[] }).storedVersions, ['v1', 'v2']);
    const read = await h.get(`${at('v2')}/p`);
    t.deepEqual([read['spec'], stored(pipes, 'p')['apiVersion']], [{ from: 'a', grade: 3, to: 'b' }, 'example.com/v1']);
    await h.put(`${at('v2')}/p`, read);
    t.deepEqual(
      [stored(pipes, 'p')['apiVersion'], stored(pipes, 'p')['spec']],
      ['example.com/v2', { from: 'a', grade: 3, to: 'b' }],
    );
    t.deepEqual((await h.get(`${at('v1')}/p`))['spec'], { ends: 'a-b' });
    const dropped = await h.patch(`${definitions}/pipes.example.com`, 'merge', {
      spec: { versions: versionsOf('v2').slice(1) },
    });
    t.regex(statusLine(dropped), /status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions/);
  },
);

const failures: readonly (readonly [what: string, answer: Answer, text: string])[] = [
  [
    'another kind of answer',
    (_made, uid) => review({ uid }, 'apiextensions.k8s.io/v2'),
    'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got ' +
      'apiextensions.k8s.io/v2, Kind=ConversionReview',
  ],
  [
    'no response',
    () => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }),
    'failed: no response provided',
  ],
  [
    'a refusal',
    (_made, uid) => review({ uid, result: { status: 'Failed', message: 'no such pipe' } }),
    'failed: no such pipe',
  ],
  [
    'a refusal without a word',
    (_made, uid) => review({ uid, result: { status: 'Failed' } }),
    "failed: response.result.status was 'Failed', not 'Success'",
  ],
  ['too few objects', (_made, uid) => good([], uid), 'returned 0 objects, expected 1'],
  [
    'the wrong version',
    ([made], uid) => good([{ ...made, apiVersion: 'example.com/v1' }], uid),
    'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
  ],
  [
    'another kind',
    ([made], uid) => good([{ ...made, kind: 'Pump' }], uid),
    'returned invalid object at index 0: invalid kind (expected Pipe, received Pump)',
  ],
  [
    'another name',
    ([made], uid) => good([{ ...made, metadata: { ...(made?.['metadata'] as object), name: 'q' } }], uid),
    'returned invalid object: must have the same name: p != q',
  ],
  [
    'no metadata',
    ([made], uid) => good([{ ...made, metadata: 1 }], uid),
    'returned invalid object: must have the same name: p != ',
  ],
  [
    'labels that are none',
    ([made], uid) => good([{ ...made, metadata: { ...(made?.['metadata'] as object), labels: { a: 1 } } }], uid),
    'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
  ],
];

for (const [what, answer, text] of failures) {
  test(`a webhook that answers with ${what} fails the read`, async (t) => {
    const { h, webhook } = await withPipes();
    await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }));
    webhook.answer = answer;
    const failed = await h.get(`${at('v2')}/p`);
    t.deepEqual([failed['code'], failed['message']], [500, `conversion webhook for example.com/v1, Kind=Pipe ${text}`]);
    webhook.answer = good;
    t.deepEqual((await h.get(`${at('v2')}/p`))['spec'], { from: 'a', grade: 3, to: 'b' });
  });
}

test('a webhook changes labels and annotations, and no other metadata', async (t) => {
  const { h, webhook } = await withPipes();
  await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }));
  webhook.answer = ([made], uid) =>
    good(
      [
        {
          ...made,
          metadata: {
            ...(made?.['metadata'] as object),
            labels: { turned: 'yes' },
            finalizers: ['example.com/x'],
            generation: 9,
          },
        },
      ],
      uid,
    );
  const { labels, finalizers, generation } = (await h.get(`${at('v2')}/p`)).metadata;
  t.deepEqual([labels, finalizers, generation], [{ turned: 'yes' }, undefined, 1]);
  t.deepEqual((await h.list(at('v2'), { labelSelector: 'turned=yes' })).names, ['p']);
  t.deepEqual((await h.list(at('v1'), { labelSelector: 'turned=yes' })).names, []);
});

const ruleOf = (version: string): object => ({
  operations: ['CREATE', 'UPDATE'],
  apiGroups: ['example.com'],
  apiVersions: [version],
  resources: ['pipes'],
});
const registration = '/apis/admissionregistration.k8s.io/v1';

test(
  'an admission webhook of another version sees objects converted, and what it changes is converted ' + 'back',
  async (t) => {
    const asked: {
      readonly object: JsonObject;
      readonly oldObject: JsonObject | null;
      readonly kind: object;
      readonly requestKind: object;
    }[] = [];
    const call: WebhookCall = (_url, body) => {
      const { request } = JSON.parse(new TextDecoder().decode(body)) as {
        readonly request: (typeof asked)[number] & { readonly uid: string };
      };
      asked.push(request);
      const patch = btoa(JSON.stringify([{ op: 'replace', path: '/spec/to', value: 'z' }]));
      const mutates = asked.length % 2 === 1 ? { patchType: 'JSONPatch', patch } : {};
      return Promise.resolve({
        status: 200,
        body: new TextEncoder().encode(
          JSON.stringify({
            apiVersion: 'admission.k8s.io/v1',
            kind: 'AdmissionReview',
            response: { uid: request.uid, allowed: true, ...mutates },
          }),
        ),
      });
    };
    const { h } = await withPipes(webhookAdmission({ call }));
    const hook = {
      name: 'h.example.com',
      clientConfig: { url: 'https://hook.example/h' },
      rules: [ruleOf('v2')],
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      matchConditions: [{ name: 'from-a', expression: "object.spec.from == 'a'" }],
    };
    for (const kind of ['mutating', 'validating'])
      await h.post(`${registration}/${kind}webhookconfigurations`, { metadata: { name: 'c' }, webhooks: [hook] });
    const made = await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }));
    t.deepEqual([made['apiVersion'], made['spec']], ['example.com/v1', { ends: 'a-z' }]);
    t.deepEqual(
      asked.map(({ object }) => object['spec']),
      [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'z' },
      ],
    );
    t.like(asked[0], { kind: { version: 'v2' }, requestKind: { version: 'v1' }, oldObject: null });
    const changed = await h.patch(`${at('v1')}/p`, 'merge', { spec: { ends: 'a-c' } });
    t.deepEqual(changed['spec'], { ends: 'a-z' });
    t.deepEqual(asked[2]?.oldObject?.['spec'], { from: 'a', to: 'z' });
    asked.length = 0;
    t.deepEqual((await h.post(at('v1'), pipe('v1', 'q', { ends: 'b-c' })))['spec'], { ends: 'b-c' });
    t.deepEqual(asked, []);
  },
);

test('a policy of another version judges the converted object', async (t) => {
  const { h } = await withPipes();
  await h.post(`${registration}/validatingadmissionpolicies`, {
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { resourceRules: [ruleOf('v2')] },
      validations: [
        { expression: "object.spec.to != 'b' && object.apiVersion == 'example.com/v2'", message: 'not to b' },
      ],
    },
  });
  await h.post(`${registration}/validatingadmissionpolicybindings`, {
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
  t.regex(statusLine(await h.post(at('v1'), pipe('v1', 'p', { ends: 'a-b' }))), /denied request: not to b$/);
  t.is((await h.post(at('v1'), pipe('v1', 'q', { ends: 'a-c' }))).kind, 'Pipe');
  t.regex(statusLine(await h.patch(`${at('v1')}/q`, 'merge', { spec: { ends: 'a-b' } })), /denied request: not to b$/);
});

test('parameters of a policy are converted to the version that it names', async (t) => {
  const { h } = await withPipes();
  await h.post(at('v1'), pipe('v1', 'limits', { ends: 'x-y' }));
  const match = {
    resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
  };
  await h.post(`${registration}/validatingadmissionpolicies`, {
    metadata: { name: 'p' },
    spec: {
      paramKind: { apiVersion: 'example.com/v2', kind: 'Pipe' },
      matchConstraints: match,
      validations: [{ expression: 'object.metadata.name == params.spec.from' }],
    },
  });
  await h.post(`${registration}/validatingadmissionpolicybindings`, {
    metadata: { name: 'b' },
    spec: {
      policyName: 'p',
      validationActions: ['Deny'],
      paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' },
    },
  });
  t.is((await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'x' } })).kind, 'ConfigMap');
  t.regex(
    statusLine(await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'y' } })),
    /denied request/,
  );
});

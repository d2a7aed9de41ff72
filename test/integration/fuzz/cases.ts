import type { Choice } from './choice.ts';
import { bodies, mutated, mutatedText } from './mutation.ts';

/**
 * One hostile request. None of them is meant to succeed in changing the canaries; many are malformed in one place only.
 */
export interface FuzzCase {
  readonly kind: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** A token of the right form whose signature is none. */
const webToken =
  'eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.' +
  'eyJpc3MiOiJodHRwczovL2t1YmVybmV0ZXMiLCJzdWIiOiJzeXN0ZW06YWRtaW4ifQ.' +
  'c2lnbmF0dXJl';
const namespace = '/api/v1/namespaces/fuzz';
const collections = [
  `${namespace}/configmaps`,
  `${namespace}/pods`,
  `${namespace}/services`,
  `${namespace}/secrets`,
  '/apis/apps/v1/namespaces/fuzz/deployments',
  '/apis/batch/v1/namespaces/fuzz/jobs',
  '/apis/batch/v1/namespaces/fuzz/cronjobs',
  '/apis/networking.k8s.io/v1/namespaces/fuzz/ingresses',
  '/apis/autoscaling/v2/namespaces/fuzz/horizontalpodautoscalers',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/fuzz/roles',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  '/apis/authorization.k8s.io/v1/subjectaccessreviews',
  '/apis/authentication.k8s.io/v1/tokenreviews',
  '/apis/certificates.k8s.io/v1/certificatesigningrequests',
  '/apis/storage.k8s.io/v1/storageclasses',
];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const bodyTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const oddTexts = [
  '',
  ' ',
  '\0',
  'a'.repeat(5_000),
  '%',
  '%zz',
  '%00',
  '../../etc',
  '__proto__',
  'constructor',
  '🎭',
  '-1',
  '1e999',
  '9223372036854775808',
  'null',
  '=',
  '==',
  '!',
  '(',
  'a in (',
  'a in (b',
  ',,',
  'a=b,a!=b',
  'notin',
  '\u202e',
  '{}',
  '[]',
  "'",
  '"',
];

type Maker = (choice: Choice) => Omit<FuzzCase, 'kind'>;

const makers: Readonly<Record<string, Maker>> = {
  'body of a create': (choice) => {
    const { type, body } = hostileBody(choice);
    return {
      method: 'POST',
      path:
        `${choice.from(collections)}` +
        `${choice.from(['', '?dryRun=All', '?fieldValidation=Strict', '?fieldValidation=Warn'])}`,
      headers: { 'content-type': type },
      body,
    };
  },
  'body of an update': (choice) => {
    const { type, body } = hostileBody(choice);
    return {
      method: 'PUT',
      path: `${choice.from(collections)}/canary${choice.from(['', '/status', '/scale'])}?dryRun=All`,
      headers: { 'content-type': type },
      body,
    };
  },
  patch: (choice) => ({
    method: 'PATCH',
    path:
      `${choice.from(collections)}/canary${choice.from(['', '/status', '/scale'])}` +
      `?dryRun=All&fieldManager=fuzz${choice.from(['', '&force=true'])}`,
    headers: { 'content-type': choice.from(patchTypes) },
    body: hostilePatch(choice),
  }),
  'list options': (choice) => ({
    method: 'GET',
    headers: {},
    path: `${choice.from(collections)}?${choice
      .some([
        'labelSelector',
        'fieldSelector',
        'limit',
        'continue',
        'resourceVersion',
        'resourceVersionMatch',
        'timeoutSeconds',
        'pretty',
      ])
      .map((name) => `${name}=${odd(choice)}`)
      .join('&')}`,
  }),
  'continue token': (choice) => {
    const token = Buffer.from(mutatedText(choice, '{"v":"meta.k8s.io/v1","rv":12,"start":"canary\\u0000"}')).toString(
      choice.from(['base64url', 'base64', 'hex']),
    );
    return {
      method: 'GET',
      path: `${choice.from(collections)}?limit=1&continue=${encodeURIComponent(token)}`,
      headers: {},
    };
  },
  path: (choice) => ({
    method: choice.from(['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS']),
    path:
      `${choice.from(['/api', '/apis', namespace, '/openapi/v3', '/apis/apps/v1', '/healthz', '/logs', '/troupe'])}/` +
      choice.many(() => encodeURIComponent(choice.from(oddTexts).slice(0, 300)), 5).join('/'),
    headers: {},
  }),
  headers: (choice) => ({
    method: choice.from(['GET', 'POST', 'PATCH']),
    path: choice.from(collections),
    headers: Object.fromEntries(
      choice
        .some([
          'accept',
          'content-type',
          'accept-encoding',
          'content-encoding',
          'impersonate-user',
          'impersonate-group',
          'impersonate-extra-a',
          'user-agent',
          'if-none-match',
          'connection',
          'upgrade',
          'x-forwarded-for',
          'traceparent',
        ])
        .map((name) => [name, printable(choice.from(oddTexts))]),
    ),
    body: Buffer.from('{}'),
  }),
  token: (choice) => ({
    method: 'GET',
    path: choice.from(collections),
    headers: {
      authorization: `Bearer ${printable(mutatedText(choice, webToken))}`,
    },
  }),
  'deletion options': (choice) => ({
    method: 'DELETE',
    path: `${choice.from(collections)}/absent`,
    headers: { 'content-type': choice.from(bodyTypes) },
    body: mutated(choice, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'x', resourceVersion: '1' },
    }),
  }),
};

export const caseKinds = Object.keys(makers);

export function fuzzCase(choice: Choice): FuzzCase {
  const kind = choice.from(caseKinds);
  const made = (makers[kind] as Maker)(choice);
  return { kind, ...made };
}

function hostileBody(choice: Choice): { readonly type: string; readonly body: Buffer } {
  const type = choice.from(bodyTypes);
  if (type === 'application/vnd.kubernetes.protobuf')
    return { type, body: Buffer.concat([Buffer.from(choice.chance(0.9) ? 'k8s\0' : 'k8s'), choice.bytes(200)]) };
  if (type === 'application/yaml' && choice.chance(0.5))
    return {
      type,
      body: Buffer.from(
        mutatedText(choice, 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: y\ndata:\n  a: *m\n  <<: {b: c}\n'),
      ),
    };
  return { type, body: mutated(choice, choice.from(bodies)) };
}

function hostilePatch(choice: Choice): Buffer {
  const pointer = (): string =>
    choice.from([
      '/metadata/labels',
      '/spec/template/spec/containers/0/image',
      '/data/a',
      '/-',
      '',
      '/__proto__/x',
      '/constructor/prototype/x',
      '/spec/ports/99999999999',
      '/~2',
      '/metadata/name',
      '/status',
    ]);
  if (choice.chance(0.5))
    return mutated(
      choice,
      choice.many(
        () => ({
          op: choice.from(['add', 'remove', 'replace', 'move', 'copy', 'test', 'boom']),
          path: pointer(),
          from: pointer(),
          value: choice.value(3),
        }),
        6,
      ),
    );
  return mutated(choice, {
    ...choice.from(bodies),
    $patch: choice.from(['replace', 'delete', 'merge', 'x']),
    $retainKeys: choice.value(1),
    '$setElementOrder/containers': choice.value(2),
    '$deleteFromPrimitiveList/finalizers': choice.value(1),
  });
}

function odd(choice: Choice): string {
  const text = choice.from(oddTexts);
  return choice.chance(0.3)
    ? text
        .replaceAll(/[\0 ]/g, '')
        .slice(0, 2_000)
        .replaceAll(/[^\x21-\x7e]/g, '')
    : encodeURIComponent(text);
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 4_000);
}

import { badRequest, type FieldError, invalid, type JsonObject, type KubeObject } from '../../api/index.ts';
import type { UserInfo } from '../../resources/index.ts';
import type { AccessAttributes } from '../auth/index.ts';
import { decodedReview, recordOf, reviewInvalid, reviewObject, type ReviewPorts, type ReviewRequest, textIn, textsIn } from './review-options.ts';

const group = 'authorization.k8s.io';

/** SelfSubjectAccessReview: may I? */
export async function selfSubjectAccessReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec } = decodedReview(request);
  refuse(attributeErrors(spec));
  return await reviewed(ports, request, { spec, user: request.user });
}

/** SubjectAccessReview: may they? */
export async function subjectAccessReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec } = decodedReview(request);
  refuse([...attributeErrors(spec), ...subjectErrors(spec)]);
  return await reviewed(ports, request, { spec, user: subjectOf(spec) });
}

/** LocalSubjectAccessReview: may they, in this namespace? */
export async function localSubjectAccessReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec, metadata } = decodedReview(request);
  const namespace = request.namespace ?? '';
  const errors: FieldError[] = [...attributeErrors(spec), ...subjectErrors(spec)];
  const asked = textIn(recordOf(spec['resourceAttributes']), 'namespace');
  if (asked !== namespace) errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  if (spec['nonResourceAttributes'] !== undefined) errors.push(invalid('spec.nonResourceAttributes', spec['nonResourceAttributes'], 'disallowed on this kind of request'));
  refuse(errors);
  const told = textIn(metadata, 'namespace');
  if (told !== '' && told !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return await reviewed(ports, request, { spec, user: subjectOf(spec), metadata: { namespace } });
}

/** SelfSubjectRulesReview: what may I in this namespace? Only RBAC can tell, so nodes' rules are missing and the list says so. */
export function selfSubjectRulesReview(ports: ReviewPorts, request: ReviewRequest): KubeObject {
  const { spec } = decodedReview(request);
  const namespace = textIn(spec, 'namespace');
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, errors } = ports.rbac.rulesOf(request.user, namespace);
  const isNode = request.user.groups.includes('system:nodes');
  const resourceRules = rules.filter((rule) => (rule.resources ?? []).length > 0).map(({ verbs = [], apiGroups = [], resources = [], resourceNames = [] }) => ({ verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) }));
  const nonResourceRules = rules.filter((rule) => (rule.nonResourceURLs ?? []).length > 0).map(({ verbs = [], nonResourceURLs = [] }) => ({ verbs, nonResourceURLs }));
  const unresolved = [...(isNode ? ['node'] : []), ...ports.unresolvable].map((name) => `${name} authorizer does not support user rule resolution`);
  const trouble = [...errors, ...unresolved];
  const status = { resourceRules, nonResourceRules, incomplete: trouble.length > 0, ...(trouble.length === 0 ? {} : { evaluationError: trouble.join(', ') }) };
  return reviewObject(request.info, { spec: {}, status });
}

async function reviewed(ports: ReviewPorts, request: ReviewRequest, review: { readonly spec: JsonObject; readonly user: UserInfo; readonly metadata?: object }): Promise<KubeObject> {
  const decision = await ports.authorize(attributesOf(review.spec, review.user));
  const status = {
    allowed: decision.allowed,
    ...(decision.denied === true ? { denied: true } : {}),
    ...(decision.reason === '' ? {} : { reason: decision.reason }),
    ...(decision.error === undefined ? {} : { evaluationError: decision.error }),
  };
  return reviewObject(request.info, { ...(review.metadata === undefined ? {} : { metadata: review.metadata }), spec: review.spec, status });
}

function attributesOf(spec: JsonObject, user: UserInfo): AccessAttributes {
  const path = spec['nonResourceAttributes'];
  if (path !== undefined && path !== null) {
    const asked = recordOf(path);
    return { user, isResource: false, verb: textIn(asked, 'verb'), path: textIn(asked, 'path'), group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  }
  const asked = recordOf(spec['resourceAttributes']);
  const field = (name: string): string => textIn(asked, name);
  const fieldSelector = textIn(recordOf(asked['fieldSelector']), 'rawSelector');
  return {
    user, isResource: true, path: '', verb: field('verb'), group: field('group'), version: field('version'), resource: field('resource'),
    subresource: field('subresource'), namespace: field('namespace'), name: field('name'), ...(fieldSelector === '' ? {} : { fieldSelector }),
  };
}

function subjectOf(spec: JsonObject): UserInfo {
  const uid = textIn(spec, 'uid');
  const extra = Object.fromEntries(Object.entries(recordOf(spec['extra'])).map(([key, values]) => [key, Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []]));
  return { name: textIn(spec, 'user'), groups: textsIn(spec, 'groups'), ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}

function subjectErrors(spec: JsonObject): readonly FieldError[] {
  if (textIn(spec, 'user') !== '' || textsIn(spec, 'groups').length > 0) return [];
  return [invalid('spec.user', textIn(spec, 'user'), 'at least one of user or group must be specified')];
}

function attributeErrors(spec: JsonObject): readonly FieldError[] {
  const resource = spec['resourceAttributes'] ?? undefined;
  const path = spec['nonResourceAttributes'] ?? undefined;
  if (resource !== undefined && path !== undefined) return [invalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes')];
  if (resource === undefined && path === undefined) return [invalid('spec.resourceAttributes', 'null', 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
  return [];
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw reviewInvalid(group, errors);
}

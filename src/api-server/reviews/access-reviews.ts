/** The reviews of authorization.k8s.io: may somebody do something, and what may they do? */
import {
  badRequest,
  type FieldError,
  forbidden,
  invalid,
  type JsonObject,
  type KubeObject,
  required,
} from '../../api/index.ts';
import type { Requester } from '../../resources/index.ts';
import type { AccessAttributes } from '../auth/index.ts';
import { type AskedSelectors, askedSelectors } from './asked-selectors.ts';
import {
  decodedReview,
  metadataErrors,
  recordOf,
  reviewInvalid,
  reviewObject,
  type ReviewPorts,
  type ReviewRequest,
  textIn,
  textsIn,
} from './review-options.ts';

const group = 'authorization.k8s.io';

/** SelfSubjectAccessReview: may I? */
export async function selfSubjectAccessReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec, metadata } = decodedReview(request);
  refuse([...attributeErrors(spec), ...metadataErrors(metadata)]);
  return await reviewed(ports, request, { spec, user: request.user });
}

/** SubjectAccessReview: may they? */
export async function subjectAccessReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec, metadata } = decodedReview(request);
  refuse([...attributeErrors(spec), ...subjectErrors(spec), ...metadataErrors(metadata)]);
  return await reviewed(ports, request, { spec, user: subjectOf(spec) });
}

/** LocalSubjectAccessReview: may they, in this namespace? */
export async function localSubjectAccessReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec, metadata } = decodedReview(request);
  const namespace = request.namespace ?? '';
  const errors: FieldError[] = [...attributeErrors(spec), ...subjectErrors(spec), ...metadataErrors(metadata, true)];
  const asked = textIn(recordOf(spec['resourceAttributes']), 'namespace');
  if ((spec['resourceAttributes'] ?? undefined) !== undefined && asked !== namespace)
    errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  if (spec['nonResourceAttributes'] !== undefined)
    errors.push(
      invalid('spec.nonResourceAttributes', spec['nonResourceAttributes'], 'disallowed on this kind of request'),
    );
  refuse(errors);
  return await reviewed(ports, request, { spec, user: subjectOf(spec), metadata: { namespace } });
}

/**
 * SelfSubjectRulesReview: what may I in this namespace? Only RBAC can tell, so nodes' rules are missing and the list
 * says so.
 */
export function selfSubjectRulesReview(ports: ReviewPorts, request: ReviewRequest): KubeObject {
  const { spec } = decodedReview(request);
  const namespace = textIn(spec, 'namespace');
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, errors } = ports.rbac.rulesOf(request.user, namespace);
  const isNode = request.user.groups.includes('system:nodes');
  const resourceRules = rules
    .filter((rule) => (rule.resources ?? []).length > 0)
    .map(({ verbs = [], apiGroups = [], resources = [], resourceNames = [] }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames.length === 0 ? {} : { resourceNames }),
    }));
  const nonResourceRules = rules
    .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
    .map(({ verbs = [], nonResourceURLs = [] }) => ({ verbs, nonResourceURLs }));
  const unresolved = [...(isNode ? ['node'] : []), ...ports.unresolvable].map(
    (name) => `${name} authorizer does not support user rule resolution`,
  );
  const trouble = [...errors, ...unresolved];
  const status = {
    resourceRules,
    nonResourceRules,
    incomplete: trouble.length > 0,
    ...(trouble.length === 0 ? {} : { evaluationError: trouble.join(', ') }),
  };
  return reviewObject(request.info, { spec: {}, status });
}

interface AskedReview {
  readonly spec: JsonObject;
  /** Whose access is asked about. */
  readonly user: Requester;
  readonly metadata?: object | undefined;
}

async function reviewed(ports: ReviewPorts, request: ReviewRequest, review: AskedReview): Promise<KubeObject> {
  const selectors = askedSelectors(recordOf(review.spec['resourceAttributes']));
  const decision = await ports.authorize(attributesOf(review, selectors));
  const errors = [decision.error, ...selectors.trouble].filter((error) => error !== undefined);
  const status = {
    allowed: decision.allowed,
    denied: decision.denied === true ? true : undefined,
    reason: decision.reason === '' ? undefined : decision.reason,
    evaluationError: errors.length === 0 ? undefined : errors.join('; '),
  };
  return reviewObject(request.info, {
    metadata: review.metadata,
    spec: review.spec,
    status,
  });
}

function attributesOf({ spec, user }: AskedReview, selectors: AskedSelectors): AccessAttributes {
  const path = spec['nonResourceAttributes'];
  if (path !== undefined && path !== null) {
    const asked = recordOf(path);
    return {
      user,
      isResource: false,
      verb: textIn(asked, 'verb'),
      path: textIn(asked, 'path'),
      group: '',
      version: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
    };
  }
  const asked = recordOf(spec['resourceAttributes']);
  const field = (name: string): string => textIn(asked, name);
  return {
    user,
    isResource: true,
    path: '',
    verb: field('verb'),
    group: field('group'),
    version: field('version'),
    resource: field('resource'),
    subresource: field('subresource'),
    namespace: field('namespace'),
    name: field('name'),
    fieldSelector: selectors.fieldSelector,
    labelSelector: selectors.labelSelector,
  };
}

function subjectOf(spec: JsonObject): Requester {
  const uid = textIn(spec, 'uid');
  const extra = Object.fromEntries(
    Object.entries(recordOf(spec['extra'])).map(([key, values]) => [
      key,
      Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [],
    ]),
  );
  return {
    name: textIn(spec, 'user'),
    groups: textsIn(spec, 'groups'),
    uid: uid === '' ? undefined : uid,
    extra: Object.keys(extra).length === 0 ? undefined : extra,
  };
}

function subjectErrors(spec: JsonObject): readonly FieldError[] {
  if (textIn(spec, 'user') !== '' || textsIn(spec, 'groups').length > 0) return [];
  return [invalid('spec.user', textIn(spec, 'user'), 'at least one of user or group must be specified')];
}

function attributeErrors(spec: JsonObject): readonly FieldError[] {
  const resource = spec['resourceAttributes'] ?? undefined;
  const path = spec['nonResourceAttributes'] ?? undefined;
  if (resource !== undefined && path !== undefined)
    return [invalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes')];
  if (resource !== undefined) return selectorErrors(recordOf(resource), 'spec.resourceAttributes');
  if (path === undefined)
    return [
      invalid(
        'spec.resourceAttributes',
        'null',
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ];
  return [];
}

/**
 * Selectors narrow what is asked about: as text or as requirements, not both. Operators that nobody knows yet are let
 * through.
 */
function selectorErrors(attributes: JsonObject, path: string): readonly FieldError[] {
  return (['fieldSelector', 'labelSelector'] as const).flatMap((field) => {
    const selector = attributes[field];
    if (selector === undefined || selector === null) return [];
    const at = `${path}.${field}`;
    const raw = textIn(recordOf(selector), 'rawSelector');
    const listed = recordOf(selector)['requirements'];
    const requirements = Array.isArray(listed) ? listed.map(recordOf) : [];
    if (raw !== '' && requirements.length > 0)
      return [invalid(`${at}.rawSelector`, raw, 'may not specified at the same time as requirements')];
    if (raw === '' && requirements.length === 0)
      return [required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`)];
    return requirements.flatMap((requirement, index) => requirementErrors(requirement, `${at}.requirements[${index}]`));
  });
}

function requirementErrors(requirement: JsonObject, path: string): readonly FieldError[] {
  const operator = textIn(requirement, 'operator');
  const values = textsIn(requirement, 'values');
  const errors: FieldError[] = textIn(requirement, 'key') === '' ? [required(`${path}.key`, 'must be specified')] : [];
  if (['In', 'NotIn'].includes(operator) && values.length === 0)
    errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  if (['Exists', 'DoesNotExist'].includes(operator) && values.length > 0)
    errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  return errors;
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw reviewInvalid(group, errors);
}

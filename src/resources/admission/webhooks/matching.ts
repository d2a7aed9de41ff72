import { forbiddenError, type KubeObject, labelSelectorMatches, type LabelSelector, notFound, type ResourceInfo } from '../../../api/index.ts';
import { resourceOf } from '../../metadata.ts';
import type { WritePath } from '../../ports.ts';
import { readObject } from '../../reading.ts';
import type { AdmissionRequest } from '../plugin.ts';
import type { Hook, HookRule, MatchCondition, Webhook } from './hook.ts';

/** Evaluates the CEL conditions of a hook. Resolves with whether all hold, or why that cannot be said. */
export type ConditionMatcher = (conditions: readonly MatchCondition[], request: AdmissionRequest, path: WritePath) => { readonly matches: boolean } | { readonly error: string };

/** How a hook is to be called about a request: in which version of the resource. */
export interface Invocation {
  readonly hook: Hook;
  readonly info: ResourceInfo;
}

const namespaces = { group: '', resource: 'namespaces' };
const isNamespace = ({ group, resource }: ResourceInfo): boolean => group === '' && resource === 'namespaces';
const includes = (list: readonly string[] | undefined, value: string): boolean => list?.some((item) => item === '*' || item === value) === true;

/** Whether a pattern such as `pods`, `pods/status` or `pods/*`, with `*` for any resource, names the resource. */
export function namesResource(pattern: string, resource: string, subresource: string): boolean {
  const [wanted, wantedSub] = pattern.split('/');
  if (pattern === '*/*') return true;
  return (wanted === '*' || wanted === resource) && (wantedSub === '*' || (wantedSub ?? '') === subresource);
}

export function ruleMatches(rule: HookRule, request: Pick<AdmissionRequest, 'operation' | 'subresource' | 'namespace'>, info: ResourceInfo): boolean {
  if (!includes(rule.operations, request.operation) || !includes(rule.apiGroups, info.group) || !includes(rule.apiVersions, info.version)) return false;
  const clustered = isNamespace(info) || request.namespace === undefined;
  if (rule.scope === 'Cluster' && !clustered) return false;
  if (rule.scope === 'Namespaced' && clustered) return false;
  return rule.resources?.some((pattern) => namesResource(pattern, info.resource, request.subresource)) === true;
}

/** The other ways in which the same stored objects are served. */
function equivalents(info: ResourceInfo, { catalogue }: WritePath): readonly ResourceInfo[] {
  const { group, resource } = info.storage;
  return catalogue.all().filter((other) => other !== info && other.storage.group === group && other.storage.resource === resource);
}

/** The version in which a hook's rules mean the request; undefined: they do not. */
function matchedInfo(webhook: Webhook, request: AdmissionRequest, path: WritePath): ResourceInfo | undefined {
  const meant = (info: ResourceInfo): boolean => webhook.rules?.some((rule) => ruleMatches(rule, request, info)) === true;
  if (meant(request.info)) return request.info;
  return webhook.matchPolicy === 'Exact' ? undefined : equivalents(request.info, path).find(meant);
}

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  selector === undefined || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);

type Labels = Readonly<Record<string, string>>;
const labelsOf = (object: object | undefined): Labels => (object as Partial<KubeObject> | undefined)?.metadata?.labels ?? {};

function inNamespace(selector: LabelSelector | undefined, request: AdmissionRequest, path: WritePath): boolean {
  if (isEmpty(selector)) return true;
  const { info, namespace, object, old } = request;
  if (isNamespace(info)) return labelSelectorMatches(selector, labelsOf(request.subresource === '' ? object ?? old : old));
  if (namespace === undefined) return true;
  const found = readObject<KubeObject>(path.store, namespaces, undefined, namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  return labelSelectorMatches(selector, labelsOf(found));
}

function chosen(selector: LabelSelector | undefined, { object, old }: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true;
  return [object, old].some((candidate) => candidate !== undefined && labelSelectorMatches(selector, labelsOf(candidate)));
}

/** Configurations of admission are not subject to it: a hook could not be repaired otherwise. */
export function isExempt({ info }: AdmissionRequest): boolean {
  return info.group === 'admissionregistration.k8s.io';
}

/** How to call the hook about the request; undefined: it does not want to know. Throws 403 when its conditions fail and it insists on an answer. */
export function invocationOf(hook: Hook, request: AdmissionRequest, about: { readonly path: WritePath; readonly matcher: ConditionMatcher | undefined }): Invocation | undefined {
  const { webhook } = hook;
  const info = matchedInfo(webhook, request, about.path);
  if (info === undefined || !inNamespace(webhook.namespaceSelector, request, about.path) || !chosen(webhook.objectSelector, request)) return undefined;
  const conditions = webhook.matchConditions ?? [];
  if (conditions.length === 0) return { hook, info };
  const result = about.matcher?.(conditions, request, about.path) ?? { error: 'match conditions cannot be evaluated here' };
  if ('matches' in result) return result.matches ? { hook, info } : undefined;
  if (webhook.failurePolicy === 'Ignore') return undefined;
  throw forbiddenError(resourceOf(request.info), request.name, result.error);
}

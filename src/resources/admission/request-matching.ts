/** Matches a request against rules and selectors of webhooks and policies. */
import {
  type KubeObject,
  type LabelSelector,
  labelSelectorMatches,
  notFound,
  type ResourceInfo,
  type RuleWithOperations,
  type View,
} from '../../api/index.ts';
import type { WritePorts } from '../ports.ts';
import { readObject } from '../stored/reading.ts';
import type { AdmissionRequest } from './request.ts';

/** Which requests a rule of a webhook or of a policy means (admissionregistration.k8s.io/v1 RuleWithOperations). */
type RequestRule = View<RuleWithOperations>;

/** What webhooks and policies say about the requests that they want. */
interface RequestMatch {
  readonly rules?: readonly RequestRule[] | undefined;
  readonly matchPolicy?: string | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
}

const namespaces = { group: '', resource: 'namespaces' };
const isNamespace = ({ group, resource }: ResourceInfo): boolean => group === '' && resource === 'namespaces';
const includes = (list: readonly string[] | undefined, value: string): boolean =>
  list?.some((item) => item === '*' || item === value) === true;

/** Whether a pattern such as `pods`, `pods/status` or `pods/*`, with `*` for any resource, names the resource. */
export function namesResource(pattern: string, resource: string, subresource: string): boolean {
  const [wanted, wantedSub] = pattern.split('/');
  if (pattern === '*/*') return true;
  return (wanted === '*' || wanted === resource) && (wantedSub === '*' || (wantedSub ?? '') === subresource);
}

export function ruleMatches(
  rule: RequestRule,
  request: Pick<AdmissionRequest, 'operation' | 'subresource' | 'namespace'>,
  info: ResourceInfo,
): boolean {
  if (
    !includes(rule.operations, request.operation) ||
    !includes(rule.apiGroups, info.group) ||
    !includes(rule.apiVersions, info.version)
  )
    return false;
  const clustered = isNamespace(info) || request.namespace === undefined;
  if (rule.scope === 'Cluster' && !clustered) return false;
  if (rule.scope === 'Namespaced' && clustered) return false;
  return rule.resources?.some((pattern) => namesResource(pattern, info.resource, request.subresource)) === true;
}

/** The other ways in which the same stored objects are served. */
function equivalents(info: ResourceInfo, { catalogue }: WritePorts): readonly ResourceInfo[] {
  const { group, resource } = info.storage;
  return catalogue
    .all()
    .filter((other) => other !== info && other.storage.group === group && other.storage.resource === resource);
}

/** The version in which rules mean the request; undefined: they do not. */
export function matchedInfo(
  match: RequestMatch,
  request: AdmissionRequest,
  ports: WritePorts,
): ResourceInfo | undefined {
  const meant = (info: ResourceInfo): boolean => match.rules?.some((rule) => ruleMatches(rule, request, info)) === true;
  if (meant(request.info)) return request.info;
  return match.matchPolicy === 'Exact' ? undefined : equivalents(request.info, ports).find(meant);
}

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  selector === undefined ||
  (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);

type Labels = Readonly<Record<string, string>>;
const labelsOf = (object: object | undefined): Labels =>
  (object as Partial<KubeObject> | undefined)?.metadata?.labels ?? {};

function inNamespace(selector: LabelSelector | undefined, request: AdmissionRequest, ports: WritePorts): boolean {
  if (isEmpty(selector)) return true;
  const { info, namespace, object, old } = request;
  if (isNamespace(info))
    return labelSelectorMatches(selector, labelsOf(request.subresource === '' ? (object ?? old) : old));
  if (namespace === undefined) return true;
  const found = readObject<KubeObject>(ports.store, namespaces, undefined, namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  return labelSelectorMatches(selector, labelsOf(found));
}

function chosen(selector: LabelSelector | undefined, { object, old }: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true;
  return [object, old].some(
    (candidate) => candidate !== undefined && labelSelectorMatches(selector, labelsOf(candidate)),
  );
}

/** Whether the namespace and the object of the request have the labels that are asked for. */
export function isSelected(match: RequestMatch, request: AdmissionRequest, ports: WritePorts): boolean {
  return inNamespace(match.namespaceSelector, request, ports) && chosen(match.objectSelector, request);
}

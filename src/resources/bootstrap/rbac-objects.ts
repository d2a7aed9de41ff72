/** Makes RBAC objects of the rows of the tables. */
import { deepEqual, type JsonObject } from '../../api/index.ts';
import { textOf } from '../writing/metadata.ts';
import { type BindingRow, clusterRoleBindings, roleBindings, roles } from './bindings.ts';
import { clusterRoles, type RoleRow, withdrawnRules } from './cluster-roles.ts';
import { controllerRoles } from './controller-roles.ts';
import { claimControllerRole, deviceRules } from './device-roles.ts';
import { devicesFeature } from '../writing/defaults.ts';
import { ownControllerRoles } from './own-controller-roles.ts';

const group = 'rbac.authorization.k8s.io';
const aggregationPrefix = `${group}/aggregate-to-`;
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
const controllerPrefix = 'system:controller:';
const ownControllerPrefix = 'troupe:controller:';

/**
 * The rule that a text of the table stands for: `VERBS GROUPS RESOURCES [=NAMES]`, or `VERBS url PATHS`; lists have
 * commas, the core group is `core`.
 */
export function policyRule(text: string): JsonObject {
  const [verbs = '', groups = '', resources = '', names = ''] = text.split(' ');
  if (groups === 'url') return { verbs: verbs.split(','), nonResourceURLs: resources.split(',') };
  return {
    verbs: verbs.split(','),
    apiGroups: groups.split(',').map((name) => (name === 'core' ? '' : name)),
    resources: resources.split(','),
    ...(names === '' ? {} : { resourceNames: names.slice(1).split(',') }),
  };
}

/** `user NAME`, `group NAME` or `account NAMESPACE/NAME`. */
function subject(text: string): JsonObject {
  const [kind = '', name = ''] = [text.slice(0, text.indexOf(' ')), text.slice(text.indexOf(' ') + 1)];
  if (kind === 'account') return { kind: 'ServiceAccount', name: name.split('/')[1], namespace: name.split('/')[0] };
  return { kind: kind === 'user' ? 'User' : 'Group', apiGroup: group, name };
}

/** What a sum of roles allows; the controller that keeps sums up to date finds nothing to do. */
function sumOf(name: string, rows: readonly RoleRow[]): JsonObject[] {
  const parts = rows.filter(({ aggregatesTo }) => aggregatesTo === name);
  const rules: JsonObject[] = [];
  for (const part of parts) {
    for (const rule of part.sum === true ? sumOf(part.name, rows) : part.rules.map(policyRule))
      if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return rules;
}

interface RolePlace {
  readonly namespace?: string | undefined;
  /** The roles that others are the sum of. */
  readonly rows?: readonly RoleRow[] | undefined;
}

function roleObject(
  kind: 'Role' | 'ClusterRole',
  { name, rules, sum, aggregatesTo }: RoleRow,
  { namespace, rows = clusterRoles }: RolePlace = {},
): JsonObject {
  return {
    kind,
    apiVersion: `${group}/v1`,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, ...(aggregatesTo === undefined ? {} : { [`${aggregationPrefix}${aggregatesTo}`]: 'true' }) },
      annotations,
    },
    rules: sum === true ? sumOf(name, rows) : rules.map(policyRule),
    ...(sum === true
      ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${aggregationPrefix}${name}`]: 'true' } }] } }
      : {}),
  };
}

function bindingObject(
  kind: 'Role' | 'ClusterRole',
  { name, role, subjects }: BindingRow,
  namespace?: string,
): JsonObject {
  return {
    kind: `${kind}Binding`,
    apiVersion: `${group}/v1`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels, annotations },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subject) }),
    roleRef: { apiGroup: group, kind, name: role },
  };
}

/** A controller's role, and its binding to the controller's account. */
function accountObjects(prefix: string, row: RoleRow): readonly JsonObject[] {
  const name = `${prefix}${row.name}`;
  return [
    roleObject('ClusterRole', { ...row, name }),
    bindingObject('ClusterRole', { name, role: name, subjects: [`account kube-system/${row.name}`] }),
  ];
}

/** The rules that a role of an earlier version had, and that this version takes back. */
export function rulesTakenBack({ kind, metadata }: JsonObject): readonly JsonObject[] {
  if (kind !== 'ClusterRole') return [];
  return (withdrawnRules.get(textOf((metadata as JsonObject)['name'])) ?? []).map(policyRule);
}

/** The cluster roles with what the features that are on add to them. */
function rowsWith(features: readonly string[]): readonly RoleRow[] {
  if (!features.includes(devicesFeature)) return clusterRoles;
  return clusterRoles.map((row) => ({ ...row, rules: [...row.rules, ...(deviceRules[row.name] ?? [])] }));
}

/** Every role and binding that a new cluster with these features has. */
export function rbacObjects(features: readonly string[] = []): JsonObject[] {
  const rows = rowsWith(features);
  const ofDevices = features.includes(devicesFeature) ? [claimControllerRole] : [];
  return [
    ...rows.map((row) => roleObject('ClusterRole', row, { rows })),
    ...clusterRoleBindings.map((row) => bindingObject('ClusterRole', row)),
    ...[...controllerRoles, ...ofDevices].flatMap((row) => accountObjects(controllerPrefix, row)),
    ...ownControllerRoles.flatMap(({ name, rules }) => accountObjects(ownControllerPrefix, { name, rules })),
    ...roles.map(({ namespace, row }) => roleObject('Role', row, { namespace })),
    ...roleBindings.map(({ namespace, row }) => bindingObject('Role', row, namespace)),
  ];
}

/** A rule of an account, as a text of the tables. `namespace`: it holds there alone. */
interface AccountRule {
  readonly rule: string;
  readonly namespace?: string | undefined;
}

/** The rules of a controller's account; none: there is no such account. */
export function controllerRules(account: string): readonly AccountRule[] {
  const everywhere = [...controllerRoles, claimControllerRole, ...ownControllerRoles]
    .filter(({ name }) => name === account)
    .flatMap(({ rules }) => rules.map((rule) => ({ rule })));
  const bound = roleBindings.filter(({ row }) => row.subjects.includes(`account kube-system/${account}`));
  const inNamespaces = roles
    .filter(({ namespace, row }) => bound.some((one) => one.namespace === namespace && one.row.role === row.name))
    .flatMap(({ namespace, row }) => row.rules.map((rule) => ({ rule, namespace })));
  return [...everywhere, ...inNamespaces];
}

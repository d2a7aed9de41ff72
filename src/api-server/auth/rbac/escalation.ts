/** The privilege escalation check of roles and bindings. */
import {
  forbiddenError,
  type KubeObject,
  notFound,
  type PolicyRule,
  type RoleRef,
  type StatusError,
} from '../../../api/index.ts';
import type { Requester } from '../../../resources/index.ts';
import type { AccessAttributes, Authorizer } from '../attributes.ts';
import { ruleText, uncoveredRules } from './policy-rule.ts';
import { type Rbac, rbacGroup } from './rbac.ts';

/** A create or update of a role or a binding, as admission sees it. */
interface RbacWrite {
  readonly user: Requester;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly object: KubeObject;
  /** The stored object; absent for a create. */
  readonly old?: KubeObject | undefined;
}

export interface EscalationPorts {
  readonly rbac: Rbac;
  readonly authorize: Authorizer;
}

/**
 * The privilege escalation check of RBAC: nobody grants what they do not hold, unless they may `escalate` (roles) or
 * `bind` (bindings). Answers the 403, or undefined when the write may go on. Other resources are none of its business.
 */
export async function escalationError(ports: EscalationPorts, write: RbacWrite): Promise<StatusError | undefined> {
  if (write.user.groups.includes('system:masters')) return undefined;
  if (write.resource === 'roles' || write.resource === 'clusterroles') return await roleError(ports, write);
  if (write.resource === 'rolebindings' || write.resource === 'clusterrolebindings')
    return await bindingError(ports, write);
  return undefined;
}

async function roleError(ports: EscalationPorts, write: RbacWrite): Promise<StatusError | undefined> {
  const name = write.object.metadata.name ?? '';
  const namespace = write.namespace ?? '';
  if (await mayUse(ports, write.user, { verb: 'escalate', resource: write.resource, namespace, name }))
    return undefined;
  const rules = rulesIn(write.object);
  const oldRules = write.old === undefined ? undefined : rulesIn(write.old);
  const unchanged =
    oldRules !== undefined &&
    JSON.stringify(rules) === JSON.stringify(oldRules) &&
    JSON.stringify(write.object['aggregationRule']) === JSON.stringify(write.old?.['aggregationRule']);
  if (unchanged) return undefined;
  if (write.resource === 'clusterroles' && hasAggregation(write.object)) {
    const everything: readonly PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    if (uncoveredRules(ports.rbac.rulesOf(write.user, '').rules, everything).length > 0) {
      return forbiddenError(
        { group: rbacGroup, resource: write.resource },
        name,
        'must have cluster-admin privileges to use the aggregationRule',
      );
    }
  }
  return grantError(ports, write, { rules, name });
}

async function bindingError(ports: EscalationPorts, write: RbacWrite): Promise<StatusError | undefined> {
  const reference = write.object['roleRef'] as RoleRef | undefined;
  const old = write.old;
  const same = (field: string): boolean =>
    JSON.stringify(write.object[field] ?? null) === JSON.stringify(old?.[field] ?? null);
  if (reference === undefined || (old !== undefined && same('roleRef') && same('subjects'))) return undefined;
  const namespace = write.namespace ?? '';
  const resource = reference.kind === 'Role' ? 'roles' : 'clusterroles';
  if (await mayUse(ports, write.user, { verb: 'bind', resource, namespace, name: reference.name })) return undefined;
  const rules = ports.rbac.roleRules(reference, namespace);
  if (rules === undefined)
    return notFound({ group: rbacGroup, resource: reference.kind.toLowerCase() }, reference.name);
  return grantError(ports, write, { rules, name: write.object.metadata.name ?? '' });
}

/** What a role or binding of this name would give. */
interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly name: string;
}

function grantError(ports: EscalationPorts, write: RbacWrite, grant: Grant): StatusError | undefined {
  const held = ports.rbac.rulesOf(write.user, write.namespace ?? '');
  const missing = uncoveredRules(held.rules, grant.rules);
  if (missing.length === 0) return undefined;
  const groups = write.user.groups.map((group) => JSON.stringify(group)).join(' ');
  const trouble = held.errors.length === 0 ? '' : `; resolution errors: [${held.errors.join(', ')}]`;
  const reason =
    `user ${JSON.stringify(write.user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions ` +
    `not currently held:\n${missing.map(ruleText).sort().join('\n')}${trouble}`;
  return forbiddenError({ group: rbacGroup, resource: write.resource }, grant.name, reason);
}

async function mayUse(
  ports: EscalationPorts,
  user: Requester,
  asked: Pick<AccessAttributes, 'verb' | 'resource' | 'namespace' | 'name'>,
): Promise<boolean> {
  const decision = await ports.authorize({
    user,
    isResource: true,
    group: rbacGroup,
    version: 'v1',
    subresource: '',
    path: '',
    ...asked,
  });
  return decision.allowed;
}

function rulesIn(role: KubeObject): readonly PolicyRule[] {
  return (role['rules'] as readonly PolicyRule[] | null | undefined) ?? [];
}

function hasAggregation(role: KubeObject): boolean {
  const rule = role['aggregationRule'] as
    | { readonly clusterRoleSelectors?: readonly unknown[] | undefined }
    | null
    | undefined;
  return rule !== null && rule !== undefined;
}

import { aggregateText, type KubeObject } from '../../../api/index.ts';
import type { ResourceView, UserInfo } from '../../../resources/index.ts';
import { type AccessAttributes, type Decision, type LocalAuthorizer, noOpinion } from '../attributes.ts';
import { type PolicyRule, ruleAllows } from './policy-rule.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';
const rbacResources = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'] as const;

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface RoleRef {
  readonly apiGroup?: string | undefined;
  readonly kind: string;
  readonly name: string;
}

/** One binding that applies to a user, with the rules of its role. */
interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
  /** The role is missing. */
  readonly error?: string | undefined;
}

/** Role-based access control, decided from the local view of roles and bindings. */
export interface Rbac {
  readonly authorize: LocalAuthorizer;
  /**
   * All rules that a user has in a namespace ('' for cluster-wide ones only), with the texts of what could not be
   * resolved.
   */
  rulesOf(
    user: UserInfo,
    namespace: string,
  ): { readonly rules: readonly PolicyRule[]; readonly errors: readonly string[] };
  /** The rules of a role; undefined when it is missing. */
  roleRules(reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
  close(): void;
}

type Bindings = ReadonlyMap<string, readonly KubeObject[]>;

/**
 * What is remembered until a role or a binding changes. Grants hang on the UserInfo, which authentication keeps per
 * credential.
 */
interface Remembered {
  readonly bindings: Map<string, Bindings>;
  readonly grants: WeakMap<UserInfo, Map<string, readonly Grant[]>>;
}

const nothing = (): Remembered => ({ bindings: new Map(), grants: new WeakMap() });

export function createRbac(view: ResourceView): Rbac {
  let remembered = nothing();
  const stop = view.onChange(
    () => {
      remembered = nothing();
    },
    rbacResources.map((resource) => ({ group: rbacGroup, resource })),
  );

  const roleRules: Rbac['roleRules'] = (reference, namespace) => {
    const role =
      reference.kind === 'Role'
        ? view.get<KubeObject>({ group: rbacGroup, resource: 'roles' }, namespace, reference.name)
        : view.get<KubeObject>({ group: rbacGroup, resource: 'clusterroles' }, undefined, reference.name);
    return role === undefined ? undefined : ((role['rules'] as readonly PolicyRule[] | null | undefined) ?? []);
  };

  function bindingsOf(namespace: string): Bindings {
    const known = remembered.bindings.get(namespace);
    if (known !== undefined) return known;
    const made = bindingsBySubject(view, namespace);
    remembered.bindings.set(namespace, made);
    return made;
  }

  function grantsOf(user: UserInfo, namespace: string): readonly Grant[] {
    const byNamespace = remembered.grants.get(user) ?? new Map<string, readonly Grant[]>();
    const known = byNamespace.get(namespace);
    if (known !== undefined) return known;
    const bindings = bindingsOf(namespace);
    const grants = subjectKeysOf(user).flatMap(({ key, text }) =>
      (bindings.get(key) ?? []).map((binding) => grantOf({ binding, namespace, subjectText: text }, roleRules)),
    );
    byNamespace.set(namespace, grants);
    remembered.grants.set(user, byNamespace);
    return grants;
  }

  const scopes = (namespace: string): readonly string[] => (namespace === '' ? [''] : ['', namespace]);

  function authorize(attributes: AccessAttributes): Decision {
    const errors: string[] = [];
    for (const scope of scopes(attributes.isResource ? attributes.namespace : '')) {
      for (const grant of grantsOf(attributes.user, scope)) {
        if (grant.error !== undefined) errors.push(grant.error);
        if (grant.rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: grant.reason };
      }
    }
    return errors.length === 0 ? noOpinion : { allowed: false, reason: `RBAC: ${aggregateText(errors)}` };
  }

  return {
    authorize,
    roleRules,
    rulesOf: (user, namespace) => {
      const grants = scopes(namespace).flatMap((scope) => grantsOf(user, scope));
      return {
        rules: grants.flatMap((grant) => grant.rules),
        errors: grants.flatMap((grant) => (grant.error === undefined ? [] : [grant.error])),
      };
    },
    close: stop,
  };
}

/** Bindings of a namespace ('' for the cluster's) by subject. */
function bindingsBySubject(view: ResourceView, namespace: string): Bindings {
  const made = new Map<string, KubeObject[]>();
  const list =
    namespace === ''
      ? view.list<KubeObject>({ group: rbacGroup, resource: 'clusterrolebindings' })
      : view.list<KubeObject>({ group: rbacGroup, resource: 'rolebindings' }, namespace);
  for (const binding of list) {
    for (const subject of (binding['subjects'] as readonly Subject[] | null | undefined) ?? []) {
      const key = subjectKey(subject, namespace);
      made.set(key, [...(made.get(key) ?? []), binding]);
    }
  }
  return made;
}

function grantOf(
  bound: { readonly binding: KubeObject; readonly namespace: string; readonly subjectText: string },
  roleRules: Rbac['roleRules'],
): Grant {
  const { binding, namespace, subjectText } = bound;
  const reference = binding['roleRef'] as RoleRef;
  const rules = roleRules(reference, namespace);
  const name = namespace === '' ? (binding.metadata.name ?? '') : `${binding.metadata.name ?? ''}/${namespace}`;
  const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
  const reason = `RBAC: allowed by ${kind} ${JSON.stringify(name)} of ${reference.kind} ${JSON.stringify(reference.name)} to ${subjectText}`;
  return rules === undefined
    ? {
        rules: [],
        reason,
        error: `${reference.kind.toLowerCase()}.${rbacGroup} ${JSON.stringify(reference.name)} not found`,
      }
    : { rules, reason };
}

function subjectKey(subject: Subject, namespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind}:${subject.name}`;
  return `ServiceAccount:${subject.namespace ?? namespace}/${subject.name}`;
}

const serviceAccountPrefix = 'system:serviceaccount:';

/** Namespace and name of a service account's user name. */
export function serviceAccountOf(userName: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined;
  const [namespace, name, ...more] = userName.slice(serviceAccountPrefix.length).split(':');
  return namespace === undefined || namespace === '' || name === undefined || name === '' || more.length > 0
    ? undefined
    : { namespace, name };
}

function subjectKeysOf(user: UserInfo): readonly { readonly key: string; readonly text: string }[] {
  const account = serviceAccountOf(user.name);
  return [
    { key: `User:${user.name}`, text: `User ${JSON.stringify(user.name)}` },
    ...(account === undefined
      ? []
      : [
          {
            key: `ServiceAccount:${account.namespace}/${account.name}`,
            text: `ServiceAccount ${JSON.stringify(`${account.name}/${account.namespace}`)}`,
          },
        ]),
    ...user.groups.map((group) => ({ key: `Group:${group}`, text: `Group ${JSON.stringify(group)}` })),
  ];
}

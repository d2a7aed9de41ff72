/** Role-based access control, decided from the local view of roles and bindings. */
import {
  aggregateText,
  type ClusterRole,
  type ClusterRoleBinding,
  type PolicyRule,
  type Role,
  type RoleBinding,
  type RoleRef,
} from '../../../api/index.ts';
import type { ResourceView, Requester } from '../../../resources/index.ts';
import { type AccessAttributes, type Decision, type LocalAuthorizer, noOpinion } from '../attributes.ts';
import { ruleAllows } from './policy-rule.ts';
import { subjectKey, subjectKeysOf } from './subjects.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';
const roles = { group: rbacGroup, resource: 'roles' };
const roleBindings = { group: rbacGroup, resource: 'rolebindings' };
const clusterRoles = { group: rbacGroup, resource: 'clusterroles' };
const clusterRoleBindings = { group: rbacGroup, resource: 'clusterrolebindings' };

type Binding = RoleBinding | ClusterRoleBinding;
/** By the key of their subject. */
type Bindings = ReadonlyMap<string, readonly Binding[]>;

/** One binding that applies to a user, with the rules of its role. */
interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
  /** The role is missing. */
  readonly error?: string | undefined;
}

/** What a user holds; `errors`: what could not be resolved. */
interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

export interface Rbac {
  readonly authorize: LocalAuthorizer;
  /** All rules that a user has in a namespace ('' for cluster-wide ones only). */
  rulesOf(user: Requester, namespace: string): UserRules;
  /** The rules of a role; undefined when it is missing. */
  roleRules(reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
  close(): void;
}

export function createRbac(view: ResourceView): Rbac {
  return new ViewRbac(view);
}

/** Namespaces without bindings that are remembered as such. */
const rememberedMax = 10_000;
const nameLengthMax = 63;

/** Remembers bindings, and the grants of each UserInfo, until a role or a binding changes. */
class ViewRbac implements Rbac {
  readonly #view: ResourceView;
  readonly #stop: () => void;
  #bindings = new Map<string, Bindings>();
  #grants = new WeakMap<Requester, Map<string, readonly Grant[]>>();

  constructor(view: ResourceView) {
    this.#view = view;
    this.#stop = view.onChange(() => {
      this.#bindings = new Map();
      this.#grants = new WeakMap();
    }, [roles, roleBindings, clusterRoles, clusterRoleBindings]);
  }

  readonly authorize = (attributes: AccessAttributes): Decision => {
    const errors: string[] = [];
    for (const scope of scopesOf(attributes.isResource ? attributes.namespace : '')) {
      for (const grant of this.#grantsOf(attributes.user, scope)) {
        if (grant.error !== undefined) errors.push(grant.error);
        if (grant.rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: grant.reason };
      }
    }
    return errors.length === 0 ? noOpinion : { allowed: false, reason: `RBAC: ${aggregateText(errors)}` };
  };

  rulesOf(user: Requester, namespace: string): UserRules {
    const grants = scopesOf(namespace).flatMap((scope) => this.#grantsOf(user, scope));
    return {
      rules: grants.flatMap((grant) => grant.rules),
      errors: grants.flatMap((grant) => (grant.error === undefined ? [] : [grant.error])),
    };
  }

  roleRules(reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const role =
      reference.kind === 'Role'
        ? this.#view.get<Role>(roles, namespace, reference.name)
        : this.#view.get<ClusterRole>(clusterRoles, undefined, reference.name);
    return role === undefined ? undefined : (role.rules ?? []);
  }

  close(): void {
    this.#stop();
  }

  #grantsOf(user: Requester, namespace: string): readonly Grant[] {
    const byNamespace = this.#grants.get(user) ?? new Map<string, readonly Grant[]>();
    const known = byNamespace.get(namespace);
    if (known !== undefined) return known;
    const bindings = this.#bindingsOf(namespace);
    // Clients make up names of namespaces: of those without bindings nothing is remembered.
    if (bindings.size === 0) return [];
    const grants = subjectKeysOf(user).flatMap(({ key, text }) =>
      (bindings.get(key) ?? []).map((binding) => this.#grantOf(binding, namespace, text)),
    );
    byNamespace.set(namespace, grants);
    this.#grants.set(user, byNamespace);
    return grants;
  }

  /** Of names of namespaces that clients make up, few and short ones. */
  #mayRemember(namespace: string): boolean {
    return namespace.length <= nameLengthMax && this.#bindings.size < rememberedMax;
  }

  #bindingsOf(namespace: string): Bindings {
    const known = this.#bindings.get(namespace);
    if (known !== undefined) return known;
    const list =
      namespace === ''
        ? this.#view.list<ClusterRoleBinding>(clusterRoleBindings)
        : this.#view.list<RoleBinding>(roleBindings, namespace);
    const made = bySubject(list, namespace);
    if (made.size > 0 || this.#mayRemember(namespace)) this.#bindings.set(namespace, made);
    return made;
  }

  #grantOf({ metadata, roleRef }: Binding, namespace: string, subjectText: string): Grant {
    const rules = this.roleRules(roleRef, namespace);
    const name = namespace === '' ? metadata.name : `${metadata.name}/${namespace}`;
    const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
    const binding = `${kind} ${JSON.stringify(name)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)}`;
    const reason = `RBAC: allowed by ${binding} to ${subjectText}`;
    if (rules !== undefined) return { rules, reason };
    const error = `${roleRef.kind.toLowerCase()}.${rbacGroup} ${JSON.stringify(roleRef.name)} not found`;
    return { rules: [], reason, error };
  }
}

/** Where grants come from: cluster-wide bindings, then those of the namespace. */
function scopesOf(namespace: string): readonly string[] {
  return namespace === '' ? [''] : ['', namespace];
}

function bySubject(bindings: readonly Binding[], namespace: string): Bindings {
  const made = new Map<string, Binding[]>();
  for (const binding of bindings) {
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      const known = made.get(key);
      if (known === undefined) made.set(key, [binding]);
      else known.push(binding);
    }
  }
  return made;
}

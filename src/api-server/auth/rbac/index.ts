/**
 * Role-based access control (rbac.authorization.k8s.io/v1): which rules a user holds, and whether they cover a request
 * or a grant.
 *
 *   bindings -> roles -> rules of a user -> allow | no opinion
 *                                        `-> escalation check: nobody grants what they do not hold
 *
 * Contract: decided synchronously from the local view; answers are remembered until a role or a binding changes.
 * Follows k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac.
 */
export { escalationError, type EscalationPorts } from './escalation.ts';
export { ruleAllows } from './policy-rule.ts';
export { createRbac, type Rbac, rbacGroup } from './rbac.ts';
export { serviceAccountOf } from './subjects.ts';

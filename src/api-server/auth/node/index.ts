/**
 * The Node authorizer: a node's agent reads and writes what concerns its own node and the pods bound to it.
 *
 * Contract: never allows by the agent's word alone; the relation is looked up in the local view. Denials carry the
 * texts of k8s.io/kubernetes/plugin/pkg/auth/authorizer/node.
 */
export { createNodeAuthorizer, nodesGroup } from './node-authorizer.ts';

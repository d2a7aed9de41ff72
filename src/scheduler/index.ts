/**
 * The scheduler: gives each pod without a node one (Kubernetes' kube-scheduler, default profile).
 *
 *   queue ─ pod ─▶ filters (which nodes can) ─▶ scores (which is best) ─▶ binding, written in batches
 *             ▲                 └─ none: why, by node; preemption; the pod waits for a change that could help it
 *
 * Everything that decides is pure: filters/, scores/, devices/, pipeline.ts, preemption.ts and queue.ts work on a state
 * that is kept up to date object by object, so that no decision costs anything that grows with the number of pods.
 * What thousands of nodes are asked for each pod stands in arrays (node-columns.ts): a check has a cheap form that
 * reads them (`fits`), and only a pod that no node takes is told why by the checks themselves, node by node.
 * actor.ts feeds it from the view, writes bindings, conditions and events. Invariant: the requests on a node never
 * exceed what it can give, bindings that are still being written included.
 */
export { startScheduler } from './actor.ts';

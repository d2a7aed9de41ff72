/**
 * Controllers: the reconcilers that make the cluster match what its objects ask for (Kubernetes' controller manager).
 *
 * One folder a controller: reconcile.ts decides (observed -> plan, no clock, no I/O), controller.ts reads the view,
 * performs the plan through the client and says which changes are for which keys. runtime/ runs them, workload/ holds
 * what the controllers of pods share. Contract: level-based; a controller keeps no state that it could not read again
 * (except when it last heard of a node, and what an autoscaler proposed lately); names of children follow from their
 * owners wherever Kubernetes' do.
 */
export { type ApiEndpoints, endpointsOf, keepApiEndpoints } from './api-endpoints/api-endpoints.ts';
export { accountOf } from './accounts.ts';
export { allControllers } from './all.ts';
export { type Controller, runController, startControllers } from './runtime/index.ts';

/**
 * What a cluster has from its first moment: namespaces, the API's own Service and its endpoints, roles and bindings,
 * system priority classes, flow schemas, the service range. The tables state what Kubernetes 1.33 has; each object is
 * made once, through the ordinary write path, and only the API's endpoints are kept up to date afterwards.
 */
export { bootstrapObjects, putApiEndpoints } from './bootstrap.ts';
export { ownControllerRoles } from './own-controller-roles.ts';
export { controllerRules } from './rbac-objects.ts';
export type { ApiEndpoint } from './cluster-objects.ts';

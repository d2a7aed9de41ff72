/**
 * Everything that is served beside resources: discovery, OpenAPI, health, version, metrics, the token issuer's keys,
 * and the dashboard. Each file answers its own paths; callers are authorized before.
 */
export {
  dashboardPaths,
  operatorPaths,
  type MemberOperator,
  memberPaths,
  type StoreOperator,
  storePaths,
} from './troupe/index.ts';
export { discoveryPaths, type ForeignApis } from './discovery.ts';
export { flowDumps } from './flow-dumps.ts';
export { type HealthCheck, healthPaths } from './health.ts';
export { identityPaths } from './identity.ts';
export { metricsPath } from './metrics.ts';
export { type ForeignOpenapi, openapiPaths } from './openapi.ts';
export { firstPath, nothingHere, type PathHandler } from './path-handler.ts';
export { rootPath } from './root.ts';
export { type VersionInfo, versionPath } from './version.ts';

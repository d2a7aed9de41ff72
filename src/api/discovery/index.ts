/**
 * Discovery: the documents by which clients learn what the server serves.
 *
 * Contract: pure functions of a list of ResourceInfos, so that custom resources are shown by adding them to the list.
 * Groups and versions stand in the order of the list; the first version of a group is the preferred one.
 */
export { aggregatedDiscovery } from './aggregated.ts';
export { apiGroup, apiGroupList, apiResourceList, apiVersions } from './plain.ts';

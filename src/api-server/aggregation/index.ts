/**
 * API aggregation: other API servers behind this one (apiregistration.k8s.io APIService with `spec.service`).
 *
 *   client -> authn, authz -> the APIService's Service -> a ready endpoint, over TLS, the user in headers
 *
 * A request goes only to an address that stands in an EndpointSlice of the named Service, and no redirect is followed.
 * The other server knows this one by the front proxy's certificate and believes its X-Remote-* headers. Groups that are
 * served here are never taken over, but for an API of this process's own (OwnApi): that one stands among the others,
 * and its APIService decides who answers. Whether an API can be had is the availability controller's word
 * (src/controllers/api-service).
 */
export { aggregatedPaths, aggregatedResources, type Aggregator, createAggregator, type OwnApi } from './aggregator.ts';
export { aggregatedOpenapi, noForeignOpenapi } from './aggregated-openapi.ts';
export { aggregatedApis, noAggregatedApis } from './aggregated-apis.ts';
export { jsonOf } from './answer-json.ts';
export { isAvailable } from './api-service.ts';
export { resourceRequest } from './own-request.ts';

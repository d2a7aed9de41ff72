/** The service of drivers of devices by claims (DRA, v1beta1), in the form that schema.ts reads. */

/** A map of messages is a list of entries with key and value: on the wire both are the same. */
export const claimTable = `
package k8s.io.kubelet.pkg.apis.dra.v1beta1

service DRAPlugin
  NodePrepareResources
  NodeUnprepareResources

message Claim
  namespace:1:s
  uid:2:s
  name:3:s

message Device
  request_names:1:[]s
  pool_name:2:s
  device_name:3:s
  cdi_device_ids:4:[]s

message NodePrepareResourceResponse
  devices:1:[]Device
  error:2:s

message NodePrepareResourcesRequest
  claims:1:[]Claim

message NodePrepareResourcesResponse
  claims:1:[]PreparedEntry

message NodeUnprepareResourceResponse
  error:1:s

message NodeUnprepareResourcesRequest
  claims:1:[]Claim

message NodeUnprepareResourcesResponse
  claims:1:[]UnpreparedEntry

message PreparedEntry
  key:1:s
  value:2:NodePrepareResourceResponse

message UnpreparedEntry
  key:1:s
  value:2:NodeUnprepareResourceResponse
`;

/** Group metrics.k8s.io, version v1beta1: a line a type, as table-line.ts reads it. */
export const metricsV1beta1 = `
ContainerMetrics name!+:1:s usage!+:2:{}q
NodeMetrics@ metadata+:1:meta/v1.ObjectMeta timestamp!+:2:t window!+:3:s usage!+:4:{}q
NodeMetricsList@ metadata+:1:meta/v1.ListMeta items!+:2:[]NodeMetrics
PodMetrics@ metadata+:1:meta/v1.ObjectMeta timestamp!+:2:t window!+:3:s containers!+:4:[]ContainerMetrics
PodMetricsList@ metadata+:1:meta/v1.ListMeta items!+:2:[]PodMetrics
`;

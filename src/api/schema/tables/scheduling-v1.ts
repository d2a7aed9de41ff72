/** Group scheduling.k8s.io, version v1: a line a type, as table-line.ts reads it. */
export const schedulingV1 = `
PriorityClass@ metadata+:1:meta/v1.ObjectMeta value!+:2:i32 globalDefault:3:b description:4:s preemptionPolicy*:5:s(enum=Never,PreemptLowerPriority)
PriorityClassList@ metadata+:1:meta/v1.ListMeta items!+:2:[]PriorityClass
`;

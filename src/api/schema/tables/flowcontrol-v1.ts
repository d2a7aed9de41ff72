/** Types and resources of flowcontrol.apiserver.k8s.io, version v1, in the form that type-entry.ts reads. */

export const flowcontrolV1 = `
ExemptPriorityLevelConfiguration
  nominalConcurrencyShares*:1:i32
  lendablePercent*:2:i32

FlowDistinguisherMethod
  type!+:1:s

FlowSchema@
  # Assigns matching requests to a priority level.
  resource flowschemas flowschema cluster *
  subresource status FlowSchema get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:FlowSchemaSpec
  status+:3:FlowSchemaStatus

FlowSchemaCondition
  type:1:s
  status:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

FlowSchemaList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]FlowSchema

FlowSchemaSpec
  priorityLevelConfiguration!+:1:PriorityLevelConfigurationReference
  matchingPrecedence+:2:i32
  distinguisherMethod*:3:FlowDistinguisherMethod
  rules:4:[]PolicyRulesWithSubjects(atomic)

FlowSchemaStatus
  conditions:1:[]FlowSchemaCondition(map=type;patch=merge;key=type)

GroupSubject
  name!+:1:s

LimitResponse
  type!+:1:s
  queuing*:2:QueuingConfiguration

LimitedPriorityLevelConfiguration
  nominalConcurrencyShares*+:1:i32
  limitResponse+:2:LimitResponse
  lendablePercent*:3:i32
  borrowingLimitPercent*:4:i32

NonResourcePolicyRule
  verbs!+:1:[]s(set)
  nonResourceURLs!+:6:[]s(set)

PolicyRulesWithSubjects
  subjects!+:1:[]Subject(atomic)
  resourceRules:2:[]ResourcePolicyRule(atomic)
  nonResourceRules:3:[]NonResourcePolicyRule(atomic)

PriorityLevelConfiguration@
  # Concurrency limit and queueing of the requests of a priority level.
  resource prioritylevelconfigurations prioritylevelconfiguration cluster *
  subresource status PriorityLevelConfiguration get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PriorityLevelConfigurationSpec
  status+:3:PriorityLevelConfigurationStatus

PriorityLevelConfigurationCondition
  type:1:s
  status:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

PriorityLevelConfigurationList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PriorityLevelConfiguration

PriorityLevelConfigurationReference
  name!+:1:s

PriorityLevelConfigurationSpec
  type!+:1:s
  limited*:2:LimitedPriorityLevelConfiguration
  exempt*:3:ExemptPriorityLevelConfiguration

PriorityLevelConfigurationStatus
  conditions:1:[]PriorityLevelConfigurationCondition(map=type;patch=merge;key=type)

QueuingConfiguration
  queues+:1:i32
  handSize+:2:i32
  queueLengthLimit+:3:i32

ResourcePolicyRule
  verbs!+:1:[]s(set)
  apiGroups!+:2:[]s(set)
  resources!+:3:[]s(set)
  clusterScope:4:b
  namespaces+:5:[]s(set)

ServiceAccountSubject
  namespace!+:1:s
  name!+:2:s

Subject
  kind!+:1:s
  user*:2:UserSubject
  group*:3:GroupSubject
  serviceAccount*:4:ServiceAccountSubject

UserSubject
  name!+:1:s
`;

/** Types and resources of flowcontrol.apiserver.k8s.io, version v1, in the form that type-entry.ts reads. */

export const flowcontrolV1 = `
ExemptPriorityLevelConfiguration
  # A level whose requests never wait.
  nominalConcurrencyShares*:1:i32
    # Its share of the server's work, which others may borrow.
  lendablePercent*:2:i32
    # How much of its share others may borrow.

FlowDistinguisherMethod
  # How requests are told apart as flows.
  type!+:1:s
    # ByUser or ByNamespace.

FlowSchema@
  # Assigns matching requests to a priority level.
  resource flowschemas flowschema cluster *
  subresource status FlowSchema get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:FlowSchemaSpec
  status+:3:FlowSchemaStatus

FlowSchemaCondition
  # One fact about the state of an object, and since when it holds.
  type:1:s
    # What the condition is about.
  status:2:s
    # True, False or Unknown.
  lastTransitionTime+:3:t
    # When the status last changed.
  reason:4:s
    # Cause of the status, as one word for programs.
  message:5:s
    # Cause of the status, as text for people.

FlowSchemaList@
  # A list of objects of the kind FlowSchema.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]FlowSchema

FlowSchemaSpec
  # Which requests belong to which level.
  priorityLevelConfiguration!+:1:PriorityLevelConfigurationReference
    # Level of these requests.
  matchingPrecedence+:2:i32
    # Order among schemas, from 1 to 10000; the lowest that matches decides.
  distinguisherMethod*:3:FlowDistinguisherMethod
    # How requests are told apart as flows. Absent: they are one.
  rules:4:[]PolicyRulesWithSubjects(atomic)
    # Requests that are meant; one rule must match.

FlowSchemaStatus
  # Observed state of a flow schema.
  conditions:1:[]FlowSchemaCondition(map=type;patch=merge;key=type)
    # Facts about its state, such as a missing level.

GroupSubject
  # A group of users.
  name!+:1:s
    # Name of the group. *: all.

LimitResponse
  # What happens to requests that are too many.
  type!+:1:s
    # Queue or Reject.
  queuing*:2:QueuingConfiguration
    # Settings of the queues.

LimitedPriorityLevelConfiguration
  # A level whose requests may have to wait.
  nominalConcurrencyShares*+:1:i32
    # Its share of the server's work. Default: 30.
  limitResponse+:2:LimitResponse
    # What happens to requests that are too many.
  lendablePercent*:3:i32
    # How much of its share others may borrow. Default: 0.
  borrowingLimitPercent*:4:i32
    # How much it may borrow, as a percentage of its share. Absent: there is no limit.

NonResourcePolicyRule
  # Requests for paths that are no resources.
  verbs!+:1:[]s(set)
    # Methods, in lower case. *: all.
  nonResourceURLs!+:6:[]s(set)
    # Paths. A * at the end stands for all below.

PolicyRulesWithSubjects
  # Who makes which requests.
  subjects!+:1:[]Subject(atomic)
    # Who makes them; one must match.
  resourceRules:2:[]ResourcePolicyRule(atomic)
    # Requests for resources.
  nonResourceRules:3:[]NonResourcePolicyRule(atomic)
    # Requests for other paths.

PriorityLevelConfiguration@
  # Concurrency limit and queueing of the requests of a priority level.
  resource prioritylevelconfigurations prioritylevelconfiguration cluster *
  subresource status PriorityLevelConfiguration get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PriorityLevelConfigurationSpec
  status+:3:PriorityLevelConfigurationStatus

PriorityLevelConfigurationCondition
  # One fact about the state of an object, and since when it holds.
  type:1:s
    # What the condition is about.
  status:2:s
    # True, False or Unknown.
  lastTransitionTime+:3:t
    # When the status last changed.
  reason:4:s
    # Cause of the status, as one word for programs.
  message:5:s
    # Cause of the status, as text for people.

PriorityLevelConfigurationList@
  # A list of objects of the kind PriorityLevelConfiguration.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PriorityLevelConfiguration

PriorityLevelConfigurationReference
  # Names a priority level.
  name!+:1:s
    # Name of the level.

PriorityLevelConfigurationSpec
  # How much of the server a level gets.
  type!+:1:s
    # Limited or Exempt.
  limited*:2:LimitedPriorityLevelConfiguration
    # Settings of a limited level.
  exempt*:3:ExemptPriorityLevelConfiguration
    # Settings of an exempt level.

PriorityLevelConfigurationStatus
  # Observed state of a priority level.
  conditions:1:[]PriorityLevelConfigurationCondition(map=type;patch=merge;key=type)
    # Facts about its state.

QueuingConfiguration
  # Queues of a level.
  queues+:1:i32
    # How many queues. Default: 64.
  handSize+:2:i32
    # To how many queues one flow is dealt. Default: 8.
  queueLengthLimit+:3:i32
    # How many requests wait in one queue. Default: 50.

ResourcePolicyRule
  # Requests for resources.
  verbs!+:1:[]s(set)
    # What is done, such as get. *: anything.
  apiGroups!+:2:[]s(set)
    # API groups. *: all.
  resources!+:3:[]s(set)
    # Resources, such as pods. *: all.
  clusterScope:4:b
    # Whether requests without a namespace are meant.
  namespaces+:5:[]s(set)
    # Namespaces. *: all.

ServiceAccountSubject
  # A service account.
  namespace!+:1:s
    # Namespace of the account.
  name!+:2:s
    # Name of the account. *: all of the namespace.

Subject
  # Who makes requests; one of them is set.
  kind!+:1:s
    # User, Group or ServiceAccount.
  user*:2:UserSubject
    # The user.
  group*:3:GroupSubject
    # The group.
  serviceAccount*:4:ServiceAccountSubject
    # The account.

UserSubject
  # A user.
  name!+:1:s
    # Name of the user. *: all.
`;

/** Types that every group shares (meta/v1), in the form that type-entry.ts reads. */

export const metaV1 = `
APIGroup@
  name!+:1:s
  versions!+:2:[]GroupVersionForDiscovery(atomic)
  preferredVersion+:3:GroupVersionForDiscovery
  serverAddressByClientCIDRs:4:[]ServerAddressByClientCIDR(atomic)

APIGroupList@
  groups!+:1:[]APIGroup(atomic)

APIResource
  name!+:1:s
  singularName!+:6:s
  namespaced!+:2:b
  group:8:s
  version:9:s
  kind!+:3:s
  verbs!+:4:[]s(wrapped)
  shortNames:5:[]s(atomic)
  categories:7:[]s(atomic)
  storageVersionHash:10:s

APIResourceList@
  groupVersion!+:1:s
  resources!+:2:[]APIResource(atomic)

APIVersions@
  versions!+:1:[]s(atomic)
  serverAddressByClientCIDRs!+:2:[]ServerAddressByClientCIDR(atomic)

ApplyOptions@
  dryRun:1:[]s
  force+:2:b
  fieldManager+:3:s

Condition
  type!+:1:s
  status!+:2:s
  observedGeneration:3:i64
  lastTransitionTime!+:4:t
  reason!+:5:s
  message!+:6:s

CreateOptions@
  dryRun:1:[]s
  fieldManager:3:s
  fieldValidation:4:s

DeleteOptions@
  gracePeriodSeconds*:1:i64
  preconditions*:2:Preconditions
  orphanDependents*:3:b
  propagationPolicy*:4:s
  dryRun:5:[]s(atomic)
  ignoreStoreReadErrorWithClusterBreakingPotential*:6:b

FieldSelectorRequirement
  key!+:1:s
  operator!+:2:s
  values:3:[]s(atomic)

GetOptions@
  resourceVersion:1:s

GroupKind
  group+:1:s
  kind+:2:s

GroupResource
  group+:1:s
  resource+:2:s

GroupVersion
  group+:1:s
  version+:2:s

GroupVersionForDiscovery
  groupVersion!+:1:s
  version!+:2:s

GroupVersionKind
  group+:1:s
  version+:2:s
  kind+:3:s

GroupVersionResource
  group+:1:s
  version+:2:s
  resource+:3:s

LabelSelector~
  # A query over labels. All requirements must match. An empty selector matches every object, a missing selector none.
  matchLabels:1:{}s
    # Labels that an object must have, with exactly these values.
  matchExpressions:2:[]LabelSelectorRequirement(atomic)
    # Label requirements with an operator: In, NotIn, Exists or DoesNotExist.

LabelSelectorRequirement
  key!+:1:s
  operator!+:2:s
  values:3:[]s(atomic)

List@
  metadata*:1:ListMeta
  items+:2:[]raw

ListMeta
  selfLink:1:s
  resourceVersion:2:s
  continue:3:s
    # Token for the next page. Empty on the last page.
  remainingItemCount*:4:i64
    # Number of items that follow this page, if the server knows it.

ListOptions@
  labelSelector:1:s
  fieldSelector:2:s
  watch:3:b
  allowWatchBookmarks:9:b
  resourceVersion:4:s
  resourceVersionMatch:10:s
  timeoutSeconds*:5:i64
  limit:7:i64
  continue:8:s
  sendInitialEvents*:11:b

ManagedFieldsEntry
  manager:1:s
  operation:2:s
  apiVersion:3:s
  time*:4:t
  fieldsType:6:s
  fieldsV1*:7:fields
  subresource:8:s

ObjectMeta
  # Metadata that every stored object has: its name, labels, owners and the times of its life.
  name:1:s
    # Name of the object, unique among objects of the same kind in a namespace. Immutable.
  generateName:2:s
    # Prefix from which the server generates a unique name, by adding five random characters, when no name is given.
  namespace:3:s
    # Namespace in which the name is unique. Empty for cluster-scoped kinds. Immutable.
  selfLink:4:s
  uid:5:s
    # Identifier that distinguishes this object from every other one that ever had the same name. Set by the server.
  resourceVersion:6:s
    # Version of the object, changed by every write. An update that carries it fails with a conflict if the object has
    # changed since. Set by the server.
  generation:7:i64
    # Number of the current desired state; it increases whenever the spec changes. Set by the server.
  creationTimestamp+:8:t
    # Time at which the object was created. Set by the server.
  deletionTimestamp*:9:t
    # Time after which the object is removed. Set by the server when deletion is requested; the object remains until its
    # finalizers are gone.
  deletionGracePeriodSeconds*:10:i64
    # Number of seconds the object has to terminate gracefully. Set together with deletionTimestamp.
  labels:11:{}s
    # Key-value pairs that selectors match to find and group objects.
  annotations:12:{}s
    # Key-value pairs in which tools store arbitrary metadata. Selectors do not match them.
  ownerReferences:13:[]OwnerReference(map=uid;patch=merge;key=uid)
    # Objects that this object depends on. It is garbage collected once all of them are gone.
  finalizers:14:[]s(set;patch=merge)
    # Identifiers of components that must finish their cleanup before the object is removed. Each component deletes its
    # own entry.
  managedFields:17:[]ManagedFieldsEntry(atomic)
    # Fields last set by each field manager. Maintained by the server for server-side apply.

OwnerReference~
  apiVersion!+:5:s
  kind!+:1:s
  name!+:3:s
  uid!+:4:s
  controller*:6:b
    # True if this owner is the controller that manages the object.
  blockOwnerDeletion*:7:b
    # If true, a foreground deletion of the owner waits until this object is deleted.

PartialObjectMetadata@
  metadata*:1:ObjectMeta

PartialObjectMetadataList@
  metadata*:1:ListMeta
  items+:2:[]PartialObjectMetadata

Patch

PatchOptions@
  dryRun:1:[]s
  force*:2:b
  fieldManager:3:s
  fieldValidation:4:s

Preconditions
  uid*:1:s
  resourceVersion*:2:s

RootPaths
  paths+:1:[]s

ServerAddressByClientCIDR
  clientCIDR!+:1:s
  serverAddress!+:2:s

Status@
  metadata+:1:ListMeta
  status:2:s
  message:3:s
  reason:4:s
  details*:5:StatusDetails(atomic)
  code:6:i32

StatusCause
  reason:1:s
  message:2:s
  field:3:s

StatusDetails
  name:1:s
  group:2:s
  kind:3:s
  uid:6:s
  causes:4:[]StatusCause(atomic)
  retryAfterSeconds:5:i32

TableOptions@
  includeObject:1:s

UpdateOptions@
  dryRun:1:[]s
  fieldManager:2:s
  fieldValidation:3:s

WatchEvent
  type!+:1:s
  object!+:2:raw
`;

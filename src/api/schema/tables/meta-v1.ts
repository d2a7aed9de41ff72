/** Types that every group shares (meta/v1), in the form that type-entry.ts reads. */

export const metaV1 = `
APIGroup@
  # An API group and its versions.
  name!+:1:s
    # Name of the group.
  versions!+:2:[]GroupVersionForDiscovery(atomic)
    # Versions that are served.
  preferredVersion+:3:GroupVersionForDiscovery
    # Version that clients should use.
  serverAddressByClientCIDRs:4:[]ServerAddressByClientCIDR(atomic)
    # Addresses of the server, by the client's address.

APIGroupList@
  # The API groups of a server.
  groups!+:1:[]APIGroup(atomic)
    # The groups.

APIResource
  # A resource of an API version.
  name!+:1:s
    # Name in URLs.
  singularName!+:6:s
    # Name of one object.
  namespaced!+:2:b
    # Whether its objects are in namespaces.
  group:8:s
    # API group of the kind, where it is another one.
  version:9:s
    # API version of the kind, where it is another one.
  kind!+:3:s
    # Kind of the objects.
  verbs!+:4:[]s(wrapped)
    # What can be done with it.
  shortNames:5:[]s(atomic)
    # Abbreviations for kubectl.
  categories:7:[]s(atomic)
    # Groups that it belongs to, such as all.
  storageVersionHash:10:s
    # Hash of the version in which objects are stored.

APIResourceList@
  # The resources of an API version.
  groupVersion!+:1:s
    # Group and version.
  resources!+:2:[]APIResource(atomic)
    # The resources.

APIVersions@
  # The versions of the core group.
  versions!+:1:[]s(atomic)
    # Versions that are served.
  serverAddressByClientCIDRs!+:2:[]ServerAddressByClientCIDR(atomic)
    # Addresses of the server, by the client's address.

ApplyOptions@
  # Options of a request.
  dryRun:1:[]s
    # All: nothing is stored.
  force+:2:b
    # Whether fields that others manage are taken over.
  fieldManager+:3:s
    # Name under which fields are managed.

Condition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  observedGeneration:3:i64
    # Generation of the object that the condition was judged by.
  lastTransitionTime!+:4:t
    # When the status last changed.
  reason!+:5:s
    # Cause of the status, as one word for programs.
  message!+:6:s
    # Cause of the status, as text for people.

CreateOptions@
  # Options of a request.
  dryRun:1:[]s
    # All: nothing is stored.
  fieldManager:3:s
    # Name under which fields are managed.
  fieldValidation:4:s
    # What unknown and repeated fields lead to: Ignore, Warn or Strict.

DeleteOptions@
  # Options of a request.
  gracePeriodSeconds*:1:i64
    # Seconds until the object ends. 0: at once. Default: that of the object.
  preconditions*:2:Preconditions
    # What must hold, else nothing is deleted.
  orphanDependents*:3:b
    # Whether dependents are left alone. Use propagationPolicy.
  propagationPolicy*:4:s
    # What becomes of dependents: Orphan, Background or Foreground.
  dryRun:5:[]s(atomic)
    # All: nothing is stored.
  ignoreStoreReadErrorWithClusterBreakingPotential*:6:b
    # Whether an object is deleted that cannot be read. Dangerous.

FieldSelectorRequirement
  # A condition on a label or field.
  key!+:1:s
    # The label or field.
  operator!+:2:s
    # In, NotIn, Exists or DoesNotExist.
  values:3:[]s(atomic)
    # Values to compare with: none for Exists and DoesNotExist.

GetOptions@
  # Options of a request for one object.
  resourceVersion:1:s
    # Version that must at least be known. 0: any.

GroupKind
  # Names a part of the API.
  group+:1:s
    # API group. Empty: the core group.
  kind+:2:s
    # Kind.

GroupResource
  # Names a part of the API.
  group+:1:s
    # API group. Empty: the core group.
  resource+:2:s
    # Resource.

GroupVersion
  # Names a part of the API.
  group+:1:s
    # API group. Empty: the core group.
  version+:2:s
    # API version.

GroupVersionForDiscovery
  # Names a part of the API.
  groupVersion!+:1:s
    # Group and version, as in apiVersion.
  version!+:2:s
    # API version.

GroupVersionKind
  # Names a part of the API.
  group+:1:s
    # API group. Empty: the core group.
  version+:2:s
    # API version.
  kind+:3:s
    # Kind.

GroupVersionResource
  # Names a part of the API.
  group+:1:s
    # API group. Empty: the core group.
  version+:2:s
    # API version.
  resource+:3:s
    # Resource.

LabelSelector~
  # A query over labels. All requirements must match. An empty selector matches every object, a missing selector none.
  matchLabels:1:{}s
    # Labels that an object must have, with exactly these values.
  matchExpressions:2:[]LabelSelectorRequirement(atomic)
    # Label requirements with an operator: In, NotIn, Exists or DoesNotExist.

LabelSelectorRequirement
  # A condition on a label or field.
  key!+:1:s
    # The label or field.
  operator!+:2:s
    # In, NotIn, Exists or DoesNotExist.
  values:3:[]s(atomic)
    # Values to compare with: none for Exists and DoesNotExist.

List@
  # A list of objects of any kinds.
  metadata*:1:ListMeta
    # Facts about the list, such as its resource version.
  items+:2:[]raw
    # Objects of the list.

ListMeta
  # Facts about a list.
  selfLink:1:s
    # No longer filled.
  resourceVersion:2:s
    # Version that the list shows. Watches can begin there.
  continue:3:s
    # Token for the next page. Empty on the last page.
  remainingItemCount*:4:i64
    # Number of items that follow this page, if the server knows it.

ListOptions@
  # Options of a list or watch.
  labelSelector:1:s
    # Labels of the objects.
  fieldSelector:2:s
    # Fields of the objects.
  watch:3:b
    # Whether changes are wanted instead of a list.
  allowWatchBookmarks:9:b
    # Whether the watch tells its version from time to time.
  resourceVersion:4:s
    # Version to start at. 0: any; empty: the newest.
  resourceVersionMatch:10:s
    # How the version is meant: NotOlderThan or Exact.
  timeoutSeconds*:5:i64
    # After how many seconds the server ends the request.
  limit:7:i64
    # How many objects are wanted at a time.
  continue:8:s
    # Where to go on, from the list before.
  sendInitialEvents*:11:b
    # Whether a watch begins with all objects, and says when that is done.

ManagedFieldsEntry
  # Who manages which fields.
  manager:1:s
    # Name of the manager.
  operation:2:s
    # Apply or Update.
  apiVersion:3:s
    # Version in which the fields are named.
  time*:4:t
    # When the fields last changed.
  fieldsType:6:s
    # FieldsV1.
  fieldsV1*:7:fields
    # The fields.
  subresource:8:s
    # Subresource by which they were written.

ObjectMeta
  # Metadata that every stored object has: its name, labels, owners and the times of its life.
  name:1:s
    # Name of the object, unique among objects of the same kind in a namespace. Immutable.
  generateName:2:s
    # Prefix from which the server generates a unique name, by adding five random characters, when no name is given.
  namespace:3:s
    # Namespace in which the name is unique. Empty for cluster-scoped kinds. Immutable.
  selfLink:4:s
    # No longer filled.
  uid:5:s
    # Identifier that distinguishes this object from every other one that ever had the same name. Set by the server.
  resourceVersion:6:s
    # Version of the object, changed by every write. An update that carries it fails with a conflict if the object has
    # changed since. Set by the server.
  generation:7:i64
    # Number of the current desired state; it increases whenever the spec changes. Set by the server.
  creationTimestamp+:8:t
    # CreationTimestamp is a timestamp: the time at which the server created the object.
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
  # An object that this one belongs to.
  apiVersion!+:5:s
    # API group and version of the owner.
  kind!+:1:s
    # Kind of the owner.
  name!+:3:s
    # Name of the owner.
  uid!+:4:s
    # UID of the owner.
  controller*:6:b
    # True if this owner is the controller that manages the object.
  blockOwnerDeletion*:7:b
    # If true, a foreground deletion of the owner waits until this object is deleted.

PartialObjectMetadata@
  # The metadata of an object alone.
  metadata*:1:ObjectMeta

PartialObjectMetadataList@
  # The metadata of several objects.
  metadata*:1:ListMeta
  items+:2:[]PartialObjectMetadata

Patch
  # A change of an object.

PatchOptions@
  # Options of a request.
  dryRun:1:[]s
    # All: nothing is stored.
  force*:2:b
    # Whether fields that others manage are taken over.
  fieldManager:3:s
    # Name under which fields are managed.
  fieldValidation:4:s
    # What unknown and repeated fields lead to: Ignore, Warn or Strict.

Preconditions
  # What must hold for a write to be done.
  uid*:1:s
    # UID that the object must have.
  resourceVersion*:2:s
    # Version that the object must have.

RootPaths
  # The paths of a server.
  paths+:1:[]s
    # The paths.

ServerAddressByClientCIDR
  # Address of the server for some clients.
  clientCIDR!+:1:s
    # Addresses of the clients.
  serverAddress!+:2:s
    # Address of the server for them.

Status@
  # The outcome of a request without another answer.
  metadata+:1:ListMeta
  status:2:s
  message:3:s
    # What happened, as text for people.
  reason:4:s
    # Why it failed, as one word for programs.
  details*:5:StatusDetails(atomic)
    # More about the reason.
  code:6:i32
    # Status code of HTTP.

StatusCause
  # One cause of a failure.
  reason:1:s
    # The cause, as one word for programs.
  message:2:s
    # The cause, as text for people.
  field:3:s
    # Field that caused it.

StatusDetails
  # More about a failure.
  name:1:s
    # Name of the object.
  group:2:s
    # API group of the object.
  kind:3:s
    # Kind or resource of the object.
  uid:6:s
    # UID of the object.
  causes:4:[]StatusCause(atomic)
    # The causes.
  retryAfterSeconds:5:i32
    # After how many seconds it is worth another try.

TableOptions@
  # Options of a table.
  includeObject:1:s
    # What of each object comes along: None, Metadata or Object.

UpdateOptions@
  # Options of a request.
  dryRun:1:[]s
    # All: nothing is stored.
  fieldManager:2:s
    # Name under which fields are managed.
  fieldValidation:3:s
    # What unknown and repeated fields lead to: Ignore, Warn or Strict.

WatchEvent
  # A change that a watch tells.
  type!+:1:s
    # ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.
  object!+:2:raw
    # The object after the change, or before its deletion; of an error, the status.
`;

/** Types and resources of resource.k8s.io, version v1beta2, in the form that type-entry.ts reads. */

export const resourceV1beta2 = `
AllocatedDeviceStatus
  # What the driver of an allocated device says of it.
  driver!+:1:s
    # Driver of the device.
  pool!+:2:s
    # Pool of the device.
  device!+:3:s
    # Name of the device in its pool.
  conditions:4:[]meta/v1.Condition(map=type)
    # Latest observations of the device.
  data*:5:raw
    # Anything that the driver wants to say.
  networkData*:6:NetworkDeviceData
    # How a network device appears in the pod.

AllocationResult
  # Devices that a claim has got, and the nodes that reach them.
  devices+:1:DeviceAllocationResult
    # The devices.
  nodeSelector*:3:core/v1.NodeSelector
    # Nodes that reach all of the devices. Absent: all nodes.

CELDeviceSelector
  # A condition on a device, as a CEL expression.
  expression!+:1:s
    # Expression over device (driver, attributes, capacity) that is true for devices that fit.

Counter
  # An amount that devices share.
  value!+:1:q
    # The amount.

CounterSet
  # Amounts that several devices of a pool share.
  name!+:1:s
    # Name of the set, unique in its pool.
  counters!+:2:{}Counter
    # The amounts by name.

Device
  # One device of a pool.
  name!+:1:s
    # Name, unique in its pool.
  attributes:2:{}DeviceAttribute
    # What the device is like, by name. A name without a domain is one of the driver.
  capacity:3:{}DeviceCapacity
    # How much the device has of something, by name.
  consumesCounters:4:[]DeviceCounterConsumption(atomic)
    # What it takes of the counters that devices of the pool share.
  nodeName*:5:s
    # The node that reaches it.
  nodeSelector*:6:core/v1.NodeSelector
    # Nodes that reach it.
  allNodes*:7:b
    # All nodes reach it.
  taints:8:[]DeviceTaint(atomic)
    # Marks that keep claims away unless they tolerate them.

DeviceAllocationConfiguration
  # Settings of allocated devices, and who gave them.
  source!+:1:s
    # Who gave it: FromClass or FromClaim.
  requests:2:[]s(atomic)
    # Requests that are meant; one with alternatives as request or request/alternative. Empty: all.
  opaque*:3/1:OpaqueDeviceConfiguration
    # Settings that only the driver understands.

DeviceAllocationResult
  # Allocated devices and their settings.
  results:1:[]DeviceRequestAllocationResult(atomic)
    # The devices, in the order of the requests.
  config:2:[]DeviceAllocationConfiguration(atomic)
    # Settings for the devices, those of classes first.

DeviceAttribute
  # The value of an attribute; one of the fields is set.
  int*:2:i64
    # A whole number.
  bool*:3:b
    # A truth value.
  string*:4:s
    # A text of at most 64 characters.
  version*:5:s
    # A version by the rules of semver.org.

DeviceCapacity
  # How much a device has of something.
  value!+:1:q
    # The amount.

DeviceClaim
  # Which devices a claim asks for.
  requests:1:[]DeviceRequest(atomic)
    # What is asked for; all of it must be there.
  constraints:2:[]DeviceConstraint(atomic)
    # Conditions on several devices together.
  config:3:[]DeviceClaimConfiguration(atomic)
    # Settings for the devices.

DeviceClaimConfiguration
  # Settings that a claim gives to its devices.
  requests:1:[]s(atomic)
    # Requests that are meant; one with alternatives as request or request/alternative. Empty: all.
  opaque*:2/1:OpaqueDeviceConfiguration
    # Settings that only the driver understands.

DeviceClass@
  # A class of devices that claims can ask for: conditions and settings that an administrator gives.
  resource deviceclasses deviceclass cluster * stored=resource.k8s.io/v1beta1
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:DeviceClassSpec

DeviceClassConfiguration
  # Settings that a class gives to its devices.
  opaque*:1/1:OpaqueDeviceConfiguration
    # Settings that only the driver understands.

DeviceClassList@
  # A list of objects of the kind DeviceClass.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]DeviceClass

DeviceClassSpec
  # What a class of devices is.
  selectors:1:[]DeviceSelector(atomic)
    # Conditions that each device of the class fulfils.
  config:2:[]DeviceClassConfiguration(atomic)
    # Settings for each device of the class.

DeviceConstraint
  # A condition on several devices of a claim together.
  requests:1:[]s(atomic)
    # Requests that are meant; one with alternatives as request or request/alternative. Empty: all.
  matchAttribute*:2:s
    # Attribute, with its domain, that has the same value in all of the devices.

DeviceCounterConsumption
  # What a device takes of the counters of a set.
  counterSet!+:1:s
    # Name of the set.
  counters!+:2:{}Counter
    # What it takes, by the name of the counter.

DeviceRequest
  # One request of a claim.
  name!+:1:s
    # Name of the request, which containers can refer to.
  exactly*:2:ExactDeviceRequest
    # What is asked for, where there is but one way.
  firstAvailable:3:[]DeviceSubRequest(atomic)
    # Alternatives, the best first; the first that can be fulfilled counts.

DeviceRequestAllocationResult
  # One device that a request has got.
  request!+:1:s
    # The request, with an alternative as request/alternative.
  driver!+:2:s
    # Driver of the device.
  pool!+:3:s
    # Pool of the device.
  device!+:4:s
    # Name of the device in its pool.
  adminAccess*:5:b
    # Access for administration: devices may be in use by others. The namespace must allow it.
  tolerations:6:[]DeviceToleration(atomic)
    # Taints of devices that do not matter.

DeviceSelector
  # A condition on a device; one of the fields is set.
  cel*:1:CELDeviceSelector
    # Condition as a CEL expression.

DeviceSubRequest
  # One of several ways to fulfil a request.
  name!+:1:s
    # Name of the alternative.
  deviceClassName!+:2:s
    # The class of the devices.
  selectors:3:[]DeviceSelector(atomic)
    # Conditions that each of the devices fulfils.
  allocationMode:4:s
    # ExactCount for a number of devices, or All for all that fit. Default: ExactCount.
  count:5:i64
    # Number of devices. Default: 1.
  tolerations:6:[]DeviceToleration(atomic)
    # Taints of devices that do not matter.

DeviceTaint
  # A mark of a device that keeps claims away unless they tolerate it.
  key!+:1:s
    # Name of the taint.
  value:2:s
    # Value of the taint.
  effect!+:3:s
    # What it does to those who do not tolerate it: NoSchedule or NoExecute.
  timeAdded*:4:t
    # When it was set.

DeviceToleration
  # Lets a request take devices with a taint.
  key:1:s
    # Name of the taint. Empty: all.
  operator:2:s(default="Equal")
    # Exists, or Equal to compare the value too. Default: Equal.
  value:3:s
    # Value of the taint.
  effect:4:s
    # What the taint does: NoSchedule or NoExecute.
  tolerationSeconds*:5:i64
    # How long the taint is tolerated, in seconds. Absent: forever.

ExactDeviceRequest
  # A request that is fulfilled in one way only.
  deviceClassName!+:1:s
    # The class of the devices.
  selectors:2:[]DeviceSelector(atomic)
    # Conditions that each of the devices fulfils.
  allocationMode:3:s
    # ExactCount for a number of devices, or All for all that fit. Default: ExactCount.
  count:4:i64
    # Number of devices. Default: 1.
  adminAccess*:5:b
    # Access for administration: devices may be in use by others. The namespace must allow it.
  tolerations:6:[]DeviceToleration(atomic)
    # Taints of devices that do not matter.

NetworkDeviceData
  # How a network device appears in the pod.
  interfaceName:1:s
    # Name of the interface in the pod.
  ips:2:[]s(atomic)
    # Addresses with the length of their prefix.
  hardwareAddress:3:s
    # Its hardware address.

OpaqueDeviceConfiguration
  # Settings that only the driver understands.
  driver!+:1:s
    # Driver that understands it.
  parameters!+:2:raw
    # The settings, an object with kind and apiVersion.

ResourceClaim@
  # A claim on devices for pods.
  resource resourceclaims resourceclaim namespaced * stored=resource.k8s.io/v1beta1
  subresource status ResourceClaim get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:ResourceClaimSpec
  status+:3:ResourceClaimStatus

ResourceClaimConsumerReference
  # Who uses a claim, in its namespace.
  apiGroup:1:s
    # API group of the resource. Empty: core.
  resource!+:3:s
    # Resource, such as pods.
  name!+:4:s
    # Name of the object.
  uid!+:5:s
    # UID of the object.

ResourceClaimList@
  # A list of objects of the kind ResourceClaim.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ResourceClaim

ResourceClaimSpec
  # What a claim asks for. It cannot change.
  devices+:1:DeviceClaim
    # Devices that are asked for.

ResourceClaimStatus
  # What a claim has got, and who uses it.
  allocation*:1:AllocationResult
    # What the claim has got. Absent: nothing yet.
  reservedFor:2:[]ResourceClaimConsumerReference(map=uid;patch=merge;key=uid)
    # Who may use the devices now.
  devices:4:[]AllocatedDeviceStatus(map=driver,device,pool)
    # What drivers say of the devices.

ResourceClaimTemplate@
  # What the claims are like that are made for pods, one for each pod.
  resource resourceclaimtemplates resourceclaimtemplate namespaced * stored=resource.k8s.io/v1beta1
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:ResourceClaimTemplateSpec

ResourceClaimTemplateList@
  # A list of objects of the kind ResourceClaimTemplate.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ResourceClaimTemplate

ResourceClaimTemplateSpec
  # What the claims are like.
  metadata+:1:meta/v1.ObjectMeta
    # Labels and annotations of the claims.
  spec!+:2:ResourceClaimSpec
    # What the claims ask for.

ResourcePool
  # The pool of devices that a slice belongs to.
  name!+:1:s
    # Name of the pool, often that of the node.
  generation!+:2:i64
    # Counts up with each change of the pool; older slices are out of date.
  resourceSliceCount!+:3:i64
    # How many slices the pool has in this generation.

ResourceSlice@
  # Devices of one driver, as the driver publishes them: a pool or a part of it.
  resource resourceslices resourceslice cluster * stored=resource.k8s.io/v1beta1
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:ResourceSliceSpec

ResourceSliceList@
  # A list of objects of the kind ResourceSlice.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ResourceSlice

ResourceSliceSpec
  # Devices of a driver, and the nodes that reach them.
  driver!+:1:s
    # The driver that publishes them.
  pool!+:2:ResourcePool
    # The pool that the slice belongs to.
  nodeName*:3:s
    # The node that reaches the devices.
  nodeSelector*:4:core/v1.NodeSelector
    # Nodes that reach the devices.
  allNodes*:5:b
    # All nodes reach the devices.
  devices:6:[]Device(atomic)
    # The devices.
  perDeviceNodeSelection*:7:b
    # Each device says which nodes reach it.
  sharedCounters:8:[]CounterSet(atomic)
    # Amounts that devices of the pool share.
`;

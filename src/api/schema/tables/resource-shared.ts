/** Types that are the same in each version of resource.k8s.io, in the form that type-entry.ts reads. */

export const resourceShared = `
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

ResourceSliceList@
  # A list of objects of the kind ResourceSlice.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ResourceSlice
`;

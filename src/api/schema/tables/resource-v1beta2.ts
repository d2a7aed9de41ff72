/** Types and resources of resource.k8s.io, version v1beta2, in the form that type-entry.ts reads. */

import { resourceShared } from './resource-shared.ts';

export const resourceV1beta2 = `
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

DeviceClass@
  # A class of devices that claims can ask for: conditions and settings that an administrator gives.
  resource deviceclasses deviceclass cluster * stored=resource.k8s.io/v1beta1
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:DeviceClassSpec

DeviceRequest
  # One request of a claim.
  name!+:1:s
    # Name of the request, which containers can refer to.
  exactly*:2:ExactDeviceRequest
    # What is asked for, where there is but one way.
  firstAvailable:3:[]DeviceSubRequest(atomic)
    # Alternatives, the best first; the first that can be fulfilled counts.

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

ResourceClaim@
  # A claim on devices for pods.
  resource resourceclaims resourceclaim namespaced * stored=resource.k8s.io/v1beta1
  subresource status ResourceClaim get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:ResourceClaimSpec
  status+:3:ResourceClaimStatus

ResourceClaimTemplate@
  # What the claims are like that are made for pods, one for each pod.
  resource resourceclaimtemplates resourceclaimtemplate namespaced * stored=resource.k8s.io/v1beta1
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:ResourceClaimTemplateSpec

ResourceSlice@
  # Devices of one driver, as the driver publishes them: a pool or a part of it.
  resource resourceslices resourceslice cluster * stored=resource.k8s.io/v1beta1
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:ResourceSliceSpec

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

${resourceShared}`;

/**
 * Dynamic resource allocation: classes of devices, claims on them, and the slices in which drivers publish them.
 *
 * Objects are stored in the form of v1beta1; v1beta2 is another writing of the same. What Kubernetes 1.33 has off
 * beside this feature (taints of devices, devices that share amounts) is dropped here too; alternatives
 * (`firstAvailable`) and access for administration (`adminAccess`) are on.
 */
import type { KindBehaviour } from '../behaviour.ts';
import { deviceClassBehaviour } from './device-class.ts';
import { resourceClaimBehaviour, resourceClaimTemplateBehaviour } from './resource-claim.ts';
import { resourceSliceBehaviour } from './resource-slice.ts';
import { secondVersion } from './versions.ts';

const group = 'resource.k8s.io';

export const resourceBehaviours: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/v1beta1/deviceclasses`]: deviceClassBehaviour,
  [`${group}/v1beta1/resourceclaims`]: resourceClaimBehaviour,
  [`${group}/v1beta1/resourceclaimtemplates`]: resourceClaimTemplateBehaviour,
  [`${group}/v1beta1/resourceslices`]: resourceSliceBehaviour,
  [`${group}/v1beta2/deviceclasses`]: secondVersion(deviceClassBehaviour),
  [`${group}/v1beta2/resourceclaims`]: secondVersion(resourceClaimBehaviour),
  [`${group}/v1beta2/resourceclaimtemplates`]: secondVersion(resourceClaimTemplateBehaviour),
  [`${group}/v1beta2/resourceslices`]: secondVersion(resourceSliceBehaviour),
};

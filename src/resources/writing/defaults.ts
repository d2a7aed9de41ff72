/** Completes an object of a request, before anything looks at it. */
import { behaviourOf, dropGatedFields, type JsonObject, type ResourceInfo } from '../../api/index.ts';
import type { ResourceSettings } from '../settings.ts';

/** The feature by which pods have devices by claims, as Kubernetes names it. */
export const devicesFeature = 'DynamicResourceAllocation';

/** Fills in the kind's defaults and removes the fields of features that the cluster does not have. */
export function completeObject({ features }: ResourceSettings, info: ResourceInfo, object: JsonObject): void {
  behaviourOf(info).defaults?.(object);
  dropGatedFields(info, object, features);
}

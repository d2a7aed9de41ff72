/** What each type of Service needs. */
import type { Sent, Service } from '../../../objects/index.ts';

export const serviceOf = (object: object): Sent<Service> => object as Sent<Service>;

const typeOf = (service: Sent<Service>): string => service.spec?.type ?? '';

export const declaresNoAddress = (service: Sent<Service>): boolean =>
  service.spec?.clusterIPs?.length === 1 && service.spec.clusterIPs[0] === 'None';
/**
 * Headless without a selector: nobody checks where such names lead, so families that the cluster does not hand out are
 * let through.
 */
export const isAnywhere = (service: Sent<Service>): boolean =>
  service.spec?.clusterIP === 'None' && Object.keys(service.spec.selector ?? {}).length === 0;
/** Every type but ExternalName has a cluster address, if only `None`. */
export const needsClusterAddress = (service: Sent<Service>): boolean => typeOf(service) !== 'ExternalName';
export const isLoadBalancer = (service: Sent<Service>): boolean => typeOf(service) === 'LoadBalancer';
/** Reachable from outside the cluster. */
export const isExternal = (service: Sent<Service>): boolean =>
  isLoadBalancer(service) ||
  typeOf(service) === 'NodePort' ||
  (typeOf(service) === 'ClusterIP' && (service.spec?.externalIPs?.length ?? 0) > 0);

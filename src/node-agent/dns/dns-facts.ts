/** What cluster DNS answers from: the node's view of Services and EndpointSlices. */
import type { ResourceView } from '../../resources/index.ts';
import { type EndpointSlice, resources, sameResource, type Service, serviceOfSlice } from '../../api/index.ts';
import { type DnsFacts, namesOfAddress } from './records.ts';

/** Cluster DNS facts out of a view; slices are indexed by service when first asked after a change. */
export function viewDnsFacts(view: ResourceView, domain: string): DnsFacts & { close(): void } {
  let bySevice: Map<string, EndpointSlice[]> | undefined;
  const stop = view.onChange(({ resource }) => {
    if (sameResource(resource, resources.endpointSlices)) bySevice = undefined;
  });
  const index = (): Map<string, EndpointSlice[]> => {
    if (bySevice !== undefined) return bySevice;
    bySevice = new Map();
    for (const slice of view.list<EndpointSlice>(resources.endpointSlices)) {
      const key = `${slice.metadata.namespace}/${serviceOfSlice(slice)}`;
      const list = bySevice.get(key);
      if (list === undefined) bySevice.set(key, [slice]);
      else list.push(slice);
    }
    return bySevice;
  };
  return {
    domain,
    service: (namespace, name) => view.get<Service>(resources.services, namespace, name),
    slicesOf: (namespace, name) => index().get(`${namespace}/${name}`) ?? [],
    // The node's view holds no namespaces: one that a pod's address names is taken as existing.
    hasNamespace: () => true,
    hasServices: (namespace) => view.list<Service>(resources.services, namespace).length > 0,
    namesOf: (address) =>
      namesOfAddress(view.list<Service>(resources.services), view.list<EndpointSlice>(resources.endpointSlices), {
        address,
        domain,
      }),
    close: stop,
  };
}

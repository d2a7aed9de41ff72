/** What a route table is made of, out of a view. */
import type { ResourceView } from '../resources/index.ts';
import { type EndpointSlice, resources, type Secret, type Service, serviceOfSlice } from '../api/index.ts';
import type { TableFacts } from './route-table.ts';

/** What the view shows now. `secret` defaults to the view's own. */
export function viewFacts(view: ResourceView, secret?: TableFacts['secret']): TableFacts {
  let byService: Map<string, EndpointSlice[]> | undefined;
  return {
    service: (namespace, name) => view.get<Service>(resources.services, namespace, name),
    slices: (namespace, name) => {
      byService ??= slicesByService(view);
      return byService.get(`${namespace}/${name}`) ?? [];
    },
    secret: secret ?? ((namespace, name) => view.get<Secret>(resources.secrets, namespace, name)),
  };
}

function slicesByService(view: ResourceView): Map<string, EndpointSlice[]> {
  const found = new Map<string, EndpointSlice[]>();
  for (const slice of view.list<EndpointSlice>(resources.endpointSlices)) {
    const service = serviceOfSlice(slice);
    if (service === undefined) continue;
    const key = `${slice.metadata.namespace}/${service}`;
    const list = found.get(key);
    if (list === undefined) found.set(key, [slice]);
    else list.push(slice);
  }
  return found;
}

/** The rule about devices that are in use by others: only some namespaces may have access to them. */
import { invalidError, type FieldError, type JsonObject, resources, sameResource } from '../../api/index.ts';
import { readObject } from '../stored/reading.ts';
import type { AdmissionPlugin } from '../ports.ts';

const label = 'resource.k8s.io/admin-access';

const fieldOf = (object: unknown, name: string): unknown =>
  typeof object === 'object' && object !== null ? (object as JsonObject)[name] : undefined;

/** Where a claim or template asks for access, in either version of the API. */
function placesOf(object: JsonObject, resource: string): readonly string[] {
  const path = resource === resources.resourceClaims.resource ? ['spec'] : ['spec', 'spec'];
  const requests = [...path, 'devices', 'requests'].reduce<unknown>(fieldOf, object);
  if (!Array.isArray(requests)) return [];
  return requests.flatMap((request: unknown, index) =>
    [request, fieldOf(request, 'exactly')].flatMap((holder, nested) =>
      fieldOf(holder, 'adminAccess') === true
        ? [`${path.join('.')}.devices.requests[${index}]${nested === 0 ? '' : '.exactly'}.adminAccess`]
        : [],
    ),
  );
}

/** A claim asks for access to devices in use only in a namespace whose label allows it. What exists stays. */
export const adminAccess: AdmissionPlugin = {
  name: 'DeviceAdminAccess',
  validate({ operation, info, subresource, namespace, name, object }, { store }) {
    const isMeant = [resources.resourceClaims, resources.resourceClaimTemplates].some((one) => sameResource(info, one));
    if (operation !== 'CREATE' || subresource !== '' || !isMeant || object === undefined) return;
    const places = placesOf(object, info.resource);
    if (places.length === 0) return;
    const home = readObject(store, resources.namespaces, undefined, namespace ?? '');
    if (home?.metadata.labels?.[label] === 'true') return;
    const detail = `admin access to devices requires the \`${label}: true\` label on the containing namespace`;
    const errors = places.map((field): FieldError => ({ type: 'Forbidden', field, detail }));
    throw invalidError({ group: info.group, kind: info.kind, name, errors });
  },
};

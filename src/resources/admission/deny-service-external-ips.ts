/** Admission plug-in DenyServiceExternalIPs: no Service gets new external addresses (CVE-2020-8554). */
import { forbiddenError, type JsonObject, type KubeObject } from '../../api/index.ts';
import { resourceOf } from '../writing/metadata.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { isAbout } from './request.ts';

/** Off unless the operator switches it on. Addresses that a Service has may stay or go, none may come. */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(request) {
    const { operation, object, old } = request;
    if (!isAbout(request, '', 'services') || object === undefined) return;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    const before = addressesOf(old);
    if (addressesOf(object).every((address) => before.includes(address))) return;
    throw forbiddenError(resourceOf(request.info), request.name, 'Use of external IPs is denied by admission control.');
  },
};

function addressesOf(service: JsonObject | KubeObject | undefined): readonly string[] {
  const spec = service?.['spec'] as { readonly externalIPs?: readonly string[] | undefined } | undefined;
  return spec?.externalIPs ?? [];
}

/** The parameter objects that a policy's binding refers to. */
import type { PolicyBinding } from './policies.ts';
import {
  type KubeObject,
  labelSelectorMatches,
  type ParamKind,
  type ParamRef,
  type ResourceInfo,
} from '../../../api/index.ts';
import type { WritePorts } from '../../ports.ts';
import { readObject, readObjects } from '../../stored/reading.ts';

/** The parameters that a binding gives (undefined: the policy runs without), or why there are none to run with. */
type Params = { readonly list: readonly (KubeObject | undefined)[] } | { readonly problem: string };

/** The resource that a policy's parameters are of, or what is wrong. */
export function paramResource({ apiVersion = '', kind = '' }: ParamKind, ports: WritePorts): ResourceInfo | string {
  const slash = apiVersion.indexOf('/');
  const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
  return (
    ports.catalogue.findKind(group, version, kind) ??
    `failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`
  );
}

/** The parameters of a binding for a request in `namespace`. An empty list: the binding has nothing to say. */
export function paramsOf(
  info: ResourceInfo,
  { spec }: PolicyBinding,
  about: { readonly namespace: string | undefined; readonly ports: WritePorts },
): Params {
  const reference = spec.paramRef;
  if (reference === undefined) return { list: [undefined] };
  const place = placeOf(info, reference, about.namespace);
  if ('problem' in place) return place;
  const found = referenced(info, reference, { namespace: place.namespace, ports: about.ports });
  if (found.length > 0) return { list: found };
  if (reference.parameterNotFoundAction === 'Allow') return { list: [] };
  return { problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
}

function placeOf(
  info: ResourceInfo,
  { namespace = '' }: ParamRef,
  own: string | undefined,
): { readonly namespace: string | undefined } | { readonly problem: string } {
  if (!info.namespaced)
    return namespace === ''
      ? { namespace: undefined }
      : { problem: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  if (namespace !== '') return { namespace };
  return own === undefined
    ? { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' }
    : { namespace: own };
}

function referenced(
  info: ResourceInfo,
  { name = '', selector }: ParamRef,
  { namespace, ports }: { readonly namespace: string | undefined; readonly ports: WritePorts },
): readonly KubeObject[] {
  if (name === '')
    return readObjects(ports.store, info.storage, namespace).filter(
      ({ metadata }) => selector !== undefined && labelSelectorMatches(selector, metadata.labels ?? {}),
    );
  const found = readObject(ports.store, info.storage, namespace, name);
  return found === undefined ? [] : [found];
}

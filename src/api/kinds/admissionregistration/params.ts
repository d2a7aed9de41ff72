/** Validates the parameters of policies: paramKind and paramRef. */

import type { ParamKind, ParamRef, Sent } from '../../objects/index.ts';
import {
  dns1035Label,
  dns1123Subdomain,
  type FieldError,
  forbidden,
  invalid,
  labelSelectorText,
  notSupported,
  pathSegmentName,
  required,
  validateLabelSelector,
} from '../../machinery/index.ts';
import { invalids, isSet } from '../checks.ts';

/** The kind of the parameters of a policy. */
export function paramKindErrors({ apiVersion = '', kind = '' }: Sent<ParamKind>, path: string): FieldError[] {
  const messages = kind === '' ? [] : dns1035Label(kind.toLowerCase());
  const ofKind =
    messages.length === 0
      ? []
      : [invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`)];
  return [
    ...(apiVersion === '' ? [required(`${path}.apiVersion`)] : groupVersionErrors(apiVersion, `${path}.apiVersion`)),
    ...(kind === '' ? [required(`${path}.kind`)] : ofKind),
  ];
}

function groupVersionErrors(apiVersion: string, path: string): FieldError[] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [version = '', group = ''] = parts.reverse();
  const ofGroup = group === '' ? [] : dns1123Subdomain(group);
  const ofVersion = version === '' ? [] : dns1035Label(version);
  return [
    ...(ofGroup.length === 0 ? [] : [invalid(path, group, ofGroup.join(','))]),
    ...(version === '' ? [invalid(path, apiVersion, 'version must be specified')] : []),
    ...(ofVersion.length === 0 ? [] : [invalid(path, version, ofVersion.join(','))]),
  ];
}

/** Where a binding has the parameters from. */
export function paramRefErrors(reference: Sent<ParamRef> | undefined): FieldError[] {
  if (reference === undefined) return [];
  const path = 'spec.paramRef';
  const { name, selector, parameterNotFoundAction: action } = reference;
  const both = isSet(name) && selector !== undefined;
  const exclusive = 'name and selector are mutually exclusive';
  return [
    ...(isSet(name) ? invalids(`${path}.name`, name, pathSegmentName(name)) : []),
    ...(both ? [forbidden(`${path}.name`, exclusive)] : []),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...(both ? [forbidden(`${path}.selector`, exclusive)] : []),
    ...(!isSet(name) && selector === undefined ? [required(path, 'one of name or selector must be specified')] : []),
    ...(!isSet(action)
      ? [required(`${path}.parameterNotFoundAction`)]
      : ['Deny', 'Allow'].includes(action)
        ? []
        : [notSupported(`${path}.parameterNotFoundAction`, action, ['Deny', 'Allow'])]),
  ];
}

/** How tables show it. */
export function paramText(reference: Sent<ParamRef> | undefined): string {
  if (reference === undefined) return '<unset>';
  const what = isSet(reference.name) ? reference.name : labelSelectorText(reference.selector);
  return isSet(reference.namespace) ? `${reference.namespace}/${what}` : what;
}

export function paramKindText(kind: Sent<ParamKind> | undefined): string {
  return kind === undefined ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`;
}

/** Validates how a webhook is reached: by URL or by Service. */

import type { ServiceReference, View } from '../../objects/index.ts';
import { dns1123Subdomain, type FieldError, invalid, parseGoUrl, portNumber, required } from '../../machinery/index.ts';
import { isSet } from '../checks.ts';

/** Where a webhook is called by URL. */
export function urlErrors(url: string, path: string): FieldError[] {
  const form = '; desired format: https://host[/path]';
  const parts = parseGoUrl(url, { request: false });
  if (typeof parts === 'string') return [required(path, `url must be a valid URL: ${parts}${form}`)];
  const errors: FieldError[] = [];
  if (parts.scheme !== 'https')
    errors.push(invalid(path, parts.scheme, `'https' is the only allowed URL scheme${form}`));
  if (parts.host === '') errors.push(invalid(path, parts.host, `host must be specified${form}`));
  if (parts.user !== '') errors.push(invalid(path, parts.user, 'user information is not permitted in the URL'));
  if (parts.fragment !== '') errors.push(invalid(path, parts.fragment, 'fragments are not permitted in the URL'));
  if (parts.query !== '') errors.push(invalid(path, parts.query, 'query parameters are not permitted in the URL'));
  return errors;
}

/** Where a webhook is called by its Service. */
export function serviceErrors(service: View<ServiceReference>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!isSet(service.name)) errors.push(required(`${path}.name`, 'service name is required'));
  if (!isSet(service.namespace)) errors.push(required(`${path}.namespace`, 'service namespace is required'));
  const port = service.port ?? 0;
  const messages = portNumber(port);
  if (messages.length > 0) errors.push(invalid(`${path}.port`, port, `port is not valid: ${messages.join(', ')}`));
  return [...errors, ...pathErrors(service.path ?? '', `${path}.path`)];
}

function pathErrors(urlPath: string, path: string): FieldError[] {
  if (urlPath === '' || urlPath === '/') return [];
  const errors = urlPath.startsWith('/') ? [] : [invalid(path, urlPath, "must start with a '/'")];
  // The first letter is taken for the slash, whatever it is.
  const steps = urlPath.slice(1).replace(/\/$/, '').split('/');
  return [
    ...errors,
    ...steps.flatMap((step, index) =>
      step === ''
        ? [invalid(path, urlPath, `segment[${index}] may not be empty`)]
        : dns1123Subdomain(step).map((message) => invalid(path, urlPath, `segment[${index}]: ${message}`)),
    ),
  ];
}

/** Names of drivers, pools, requests and attributes, and lists of what has names. */

import {
  byteLength,
  dns1123Label,
  dns1123Subdomain,
  duplicate,
  type FieldError,
  invalid,
  required,
  tooLong,
  tooMany,
} from '../../machinery/index.ts';
import { each, invalids, requiredName } from '../checks.ts';

const driverNameMax = 63;
const poolNameMax = 253;
const identifierMax = 32;
const domainMax = 63;

/** Errors of each item under its path, of too many items, and of names that occur twice. */
export function namedItems<T>(
  path: string,
  items: readonly T[] | undefined,
  { max, nameOf, check }: NamedItems<T>,
): FieldError[] {
  const seen = new Set<string>();
  const errors = each(path, items, (item, at) => {
    const found = [...check(item, at)];
    const { name, field } = nameOf(item);
    if (seen.has(name)) found.push(duplicate(field === '' ? at : `${at}.${field}`, name));
    seen.add(name);
    return found;
  });
  return [...boundErrors(path, items, max), ...errors];
}

interface NamedItems<T> {
  readonly max: number;
  /** What must be unique, and the field that holds it; '' for the item itself. */
  readonly nameOf: (item: T) => { readonly name: string; readonly field: string };
  readonly check: (item: T, path: string) => readonly FieldError[];
}

export function boundErrors(path: string, items: readonly unknown[] | undefined, max: number): FieldError[] {
  const count = items?.length ?? 0;
  return count > max ? [tooMany(path, count, max)] : [];
}

export function labelErrors(path: string, name: string | undefined): FieldError[] {
  return requiredName(path, name, dns1123Label);
}

export function driverNameErrors(path: string, name: string | undefined): FieldError[] {
  return [
    ...requiredName(path, name, (text) => dns1123Subdomain(text.toLowerCase())),
    ...(byteLength(name ?? '') > driverNameMax ? [tooLong(path, name, driverNameMax)] : []),
  ];
}

/** One or more DNS subdomains with slashes between them. */
export function poolNameErrors(path: string, name: string | undefined): FieldError[] {
  if (name === undefined || name === '') return [required(path)];
  const long = byteLength(name) > poolNameMax ? [tooLong(path, name, poolNameMax)] : [];
  return [...long, ...name.split('/').flatMap((part) => invalids(path, part, dns1123Subdomain(part)))];
}

/** The name of an attribute or capacity, with or without the domain of another than the driver. */
export function deviceNameErrors(path: string, name: string): FieldError[] {
  if (name === '') return [required(path, 'name required')];
  const parts = name.split('/');
  if (parts.length === 1) return identifierErrors(path, name);
  if (parts.length > 2)
    return [invalid(path, name, 'a name may have one slash, between its domain and its identifier')];
  return fullNameParts(path, parts as [string, string]);
}

/** The same where the domain must be there. */
export function fullNameErrors(path: string, name: string): FieldError[] {
  if (name === '') return [required(path, 'name required')];
  return name.includes('/') ? deviceNameErrors(path, name) : [invalid(path, name, 'must include a domain')];
}

function fullNameParts(path: string, [domain, identifier]: readonly [string, string]): FieldError[] {
  return [
    ...(domain === '' ? [required(path, 'the domain must not be empty')] : domainErrors(path, domain)),
    ...(identifier === '' ? [required(path, 'the name must not be empty')] : identifierErrors(path, identifier)),
  ];
}

function domainErrors(path: string, domain: string): FieldError[] {
  return [
    ...(byteLength(domain) > domainMax ? [tooLong(path, domain, domainMax)] : []),
    ...invalids(path, domain, dns1123Subdomain(domain)),
  ];
}

const identifierText =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters " +
  "or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

function identifierErrors(path: string, identifier: string): FieldError[] {
  return [
    ...(byteLength(identifier) > identifierMax ? [tooLong(path, identifier, identifierMax)] : []),
    ...(/^[A-Za-z_]\w*$/.test(identifier) ? [] : [invalid(path, identifier, identifierText)]),
  ];
}

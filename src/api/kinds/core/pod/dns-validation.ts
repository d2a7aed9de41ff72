/** Validates dnsConfig, dnsPolicy and hostAliases of a pod. */

import type { HostAlias, PodDNSConfig, PodSpec, Sent } from '../../../objects/index.ts';
import {
  byteLength,
  dns1123Label,
  dns1123Subdomain,
  type FieldError,
  invalid,
  patternMessage,
  required,
} from '../../../machinery/index.ts';
import { addressErrors } from '../../addresses.ts';
import { each, invalids, optionalName, requiredChoice } from '../../checks.ts';

// Limits of the C library's resolver.
const nameserversMax = 3;
const searchPathsMax = 32;
const searchCharactersMax = 2048;
const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*';
const underscoredPattern = new RegExp(`^${underscored}$`);

/** Search paths may contain underscores, end with a dot, or be the root. */
function searchErrors(search: string, path: string): FieldError[] {
  if (search === '.') return [];
  const name = search.endsWith('.') ? search.slice(0, -1) : search;
  if (byteLength(name) > 253) return [invalid(path, name, 'must be no more than 253 characters')];
  if (underscoredPattern.test(name)) return [];
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and " +
    'must start and end with an alphanumeric character';
  return [invalid(path, name, patternMessage(text, underscored, 'example.com'))];
}

function configErrors(config: Sent<PodDNSConfig> | undefined, policy: string | undefined, path: string): FieldError[] {
  if (policy === 'None') {
    if (config === undefined) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if ((config.nameservers?.length ?? 0) === 0)
      return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (config === undefined) return [];
  const { nameservers = [], searches = [], options = [] } = config;
  const errors: FieldError[] = [];
  if (nameservers.length > nameserversMax)
    errors.push(invalid(`${path}.nameservers`, nameservers, `must not have more than ${nameserversMax} nameservers`));
  errors.push(...each(`${path}.nameservers`, nameservers, (server, at) => addressErrors(at, server)));
  if (searches.length > searchPathsMax)
    errors.push(invalid(`${path}.searches`, searches, `must not have more than ${searchPathsMax} search paths`));
  if (searches.join(' ').length > searchCharactersMax) {
    errors.push(
      invalid(
        `${path}.searches`,
        searches,
        `must not have more than ${searchCharactersMax} characters (including spaces) in the search list`,
      ),
    );
  }
  errors.push(...each(`${path}.searches`, searches, (search, at) => searchErrors(search, at)));
  return [
    ...errors,
    ...each(`${path}.options`, options, (option, at) =>
      (option.name ?? '') === '' ? [required(at, 'must not be empty')] : [],
    ),
  ];
}

function aliasErrors(alias: Sent<HostAlias>, path: string): FieldError[] {
  return [
    ...addressErrors(`${path}.ip`, alias.ip ?? ''),
    ...each(`${path}.hostnames`, alias.hostnames, (name, at) => invalids(at, name, dns1123Subdomain(name))),
  ];
}

/** What decides a pod's names and how it resolves others'. */
export function dnsErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  return [
    ...requiredChoice(`${path}.dnsPolicy`, spec.dnsPolicy, policies),
    ...configErrors(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`),
    ...optionalName(`${path}.hostname`, spec.hostname, dns1123Label),
    ...optionalName(`${path}.subdomain`, spec.subdomain, dns1123Label),
    ...each(`${path}.hostAliases`, spec.hostAliases, aliasErrors),
  ];
}

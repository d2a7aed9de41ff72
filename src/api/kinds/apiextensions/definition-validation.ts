/** Validates the names and versions of a Definition. */

import type { Steps } from '../../../base/index.ts';
import {
  type Definition,
  type DefinitionNames,
  type DefinitionSpec,
  type DefinitionVersion,
  hasCondition,
} from '../../custom-schema/index.ts';
import {
  deepEqual,
  dns1035Label,
  dns1123Subdomain,
  type FieldError,
  invalid,
  required,
} from '../../machinery/index.ts';
import { requiredChoice } from '../checks.ts';
import { conversionErrors } from './conversion-validation.ts';
import { schemaErrors } from './schema-validation.ts';
import { columnErrors, selectableFieldErrors, subresourceErrors } from './version-validation.ts';

const approvalAnnotation = 'api-approved.kubernetes.io';
const deprecationMax = 256;

/** Names that are needed in the spec, though not yet in the status. */
function requiredNames(names: DefinitionNames): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((field) => (names[field] ?? '') === '')
    .map((field) => required(`spec.names.${field}`));
}

const joined = (path: string, value: string, messages: readonly string[], before = ''): FieldError[] =>
  messages.length === 0 ? [] : [invalid(path, value, `${before}${messages.join(',')}`)];

export function namesErrors(names: DefinitionNames, path: string): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names;
  const label = (field: string, value: string): FieldError[] =>
    value === '' ? [] : joined(`${path}.${field}`, value, dns1035Label(value));
  const mixed = (field: string, value: string): FieldError[] =>
    value === ''
      ? []
      : joined(
          `${path}.${field}`,
          value,
          dns1035Label(value.toLowerCase()),
          'may have mixed case, but should otherwise match: ',
        );
  const each = (field: string, values: readonly string[]): FieldError[] =>
    values.flatMap((value, index) => joined(`${path}.${field}[${index}]`, value, dns1035Label(value)));
  return [
    ...label('plural', plural),
    ...label('singular', singular),
    ...mixed('kind', kind),
    ...mixed('listKind', listKind),
    ...each('shortNames', shortNames),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...each('categories', categories),
  ];
}

function groupErrors(group: string): FieldError[] {
  if (group === '') return [required('spec.group')];
  const messages = dns1123Subdomain(group);
  if (messages.length > 0) return joined('spec.group', group, messages);
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function versionListErrors(versions: readonly DefinitionVersion[]): FieldError[] {
  const names = versions.map(({ name = '' }) => name);
  return [
    ...names.flatMap((name, index) => joined(`spec.versions[${index}].name`, name, dns1035Label(name))),
    ...(new Set(names).size < names.length
      ? [invalid('spec.versions', versions, 'must contain unique version names')]
      : []),
    ...(versions.filter(({ storage }) => storage === true).length === 1
      ? []
      : [invalid('spec.versions', versions, 'must have exactly one version marked as storage version')]),
  ];
}

function deprecationErrors({ deprecated, deprecationWarning: text }: DefinitionVersion, path: string): FieldError[] {
  const at = `${path}.deprecationWarning`;
  if (text === undefined) return [];
  if (deprecated !== true) return [invalid(at, text, 'can only be set for deprecated versions')];
  if (text === '') return [invalid(at, text, 'must not be an empty string')];
  const errors =
    text.length > deprecationMax ? [invalid(at, text, `must be <= ${deprecationMax} characters long`)] : [];
  const unprintable = [...text].findIndex((character) => /\p{C}/u.test(character));
  return unprintable < 0
    ? errors
    : [
        ...errors,
        invalid(
          at,
          text,
          `must only contain printable UTF-8 characters; non-printable character found at index ${unprintable}`,
        ),
      ];
}

/** A part of versions, and where errors about it stand: once, without the version, when all versions have the same. */
interface VersionPart {
  readonly version: DefinitionVersion;
  readonly path: string;
}

/** Upstream keeps what all versions share in the spec itself, under other names, and its errors tell those. */
function parts(
  versions: readonly DefinitionVersion[],
  field: keyof DefinitionVersion,
  shared: string,
): readonly VersionPart[] {
  const [first] = versions;
  if (first !== undefined && versions.every((version) => deepEqual(version[field], first[field])))
    return [{ version: first, path: `spec.${shared}` }];
  return versions.map((version, index) => ({ version, path: `spec.versions[${index}].${field}` }));
}

function* versionErrors(
  versions: readonly DefinitionVersion[],
  old: readonly DefinitionVersion[] | undefined,
): Steps<FieldError[]> {
  const missing = versions.flatMap((version, index) =>
    version.schema?.openAPIV3Schema === undefined
      ? [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')]
      : [],
  );
  const anyStatus = versions.some(({ subresources }) => subresources?.status !== undefined);
  const schemas: FieldError[] = [];
  for (const { version, path } of parts(versions, 'schema', 'validation')) {
    const place = {
      path: `${path}.openAPIV3Schema`,
      status: path === 'spec.validation' ? anyStatus : version.subresources?.status !== undefined,
      old: old?.find(({ name }) => name === version.name)?.schema?.openAPIV3Schema,
    };
    schemas.push(...(yield* schemaErrors(version.schema?.openAPIV3Schema, place)));
  }
  yield;
  return [
    ...missing,
    ...versions.flatMap((version, index) => deprecationErrors(version, `spec.versions[${index}]`)),
    ...schemas,
    ...parts(versions, 'subresources', 'subresources').flatMap(({ version, path }) =>
      subresourceErrors(version.subresources, path),
    ),
    ...parts(versions, 'additionalPrinterColumns', 'additionalPrinterColumns').flatMap(({ version, path }) =>
      columnErrors(version.additionalPrinterColumns ?? [], path),
    ),
    ...parts(versions, 'selectableFields', 'selectableFields').flatMap(({ version, path }) =>
      selectableFieldErrors(version, path),
    ),
  ];
}

export function* specErrors({ spec = {} }: Definition, old: Definition | undefined): Steps<FieldError[]> {
  const { group = '', scope, names = {}, versions = [] } = spec;
  const ofVersions = yield* versionErrors(versions, old?.spec?.versions);
  return [
    ...groupErrors(group),
    ...requiredChoice('spec.scope', scope, ['Cluster', 'Namespaced']),
    ...ofVersions,
    ...versionListErrors(versions),
    ...requiredNames(names),
    ...namesErrors(names, 'spec.names'),
    ...conversionErrors(spec.conversion, 'spec.conversion'),
    ...preservationErrors(spec, old),
  ];
}

function preservationErrors({ preserveUnknownFields }: DefinitionSpec, old: Definition | undefined): FieldError[] {
  if (preserveUnknownFields !== true || old?.spec?.preserveUnknownFields === true) return [];
  return [
    invalid(
      'spec.preserveUnknownFields',
      true,
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ),
  ];
}

export function storedVersionErrors({ spec = {}, status = {} }: Definition): FieldError[] {
  const path = 'status.storedVersions';
  const stored = status.storedVersions ?? [];
  if (stored.length === 0)
    return [invalid(path, { verbatim: '[]string(nil)' }, 'must have at least one stored version')];
  const versions = (spec.versions ?? []).map(({ name = '' }) => name);
  const needed = (spec.versions ?? []).filter(({ storage, name = '' }) => storage === true && !stored.includes(name));
  return [
    ...needed.map(({ name = '' }) => invalid(path, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) =>
      versions.includes(name)
        ? []
        : [
            invalid(
              `${path}[${index}]`,
              name,
              `missing from spec.versions; ${name} was previously a storage version, ` +
                'and must remain in spec.versions until a storage migration ensures no data remains persisted ' +
                `in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
  ];
}

/** Groups of Kubernetes itself are open only to definitions that its project has approved. */
export function approvalErrors({ metadata, spec }: Definition, old: Definition | undefined): FieldError[] {
  const group = spec?.group ?? '';
  const isProtected = ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
  if (!isProtected) return [];
  const at = `metadata.annotations[${approvalAnnotation}]`;
  const approval = metadata.annotations?.[approvalAnnotation];
  // What was there before the rule may stay as it is.
  if (
    old !== undefined &&
    hasCondition(old, 'Established') &&
    old.metadata.annotations?.[approvalAnnotation] === approval
  )
    return [];
  const hint =
    `protected groups must have approval annotation "${approvalAnnotation}", see ` +
    'https://github.com/kubernetes/enhancements/pull/1111';
  if (approval === undefined || approval === '') return [required(at, hint)];
  if (approval.startsWith('unapproved') || /^https?:\/\/[^\s/]+/.test(approval)) return [];
  return [
    invalid(
      at,
      approval,
      `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason ` +
        'starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ),
  ];
}

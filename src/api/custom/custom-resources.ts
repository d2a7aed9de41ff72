/** Makes served resources out of CustomResourceDefinitions. */

import {
  compareVersions,
  type Definition,
  type DefinitionVersion,
  hasCondition,
  type JsonSchema,
} from '../custom-schema/index.ts';
import type { SubresourceInfo } from '../schema/index.ts';
import { customBehaviour, selectedName } from './custom-behaviour.ts';
import type { CustomKind, ResourceInfo, ConversionWebhook } from './custom-kind.ts';
import { checkKind, conformCustom, type CustomType, decodeCustom } from './decoding.ts';
import { mergeNodeOf } from './merge-node.ts';

const verbs: readonly string[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const subresourceVerbs: readonly string[] = ['get', 'patch', 'update'];

/** Without a schema everything is kept; upstream's definitions always have one. */
const openSchema: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/**
 * What a definition adds to the served resources: one for each served version, the preferred first; none while its
 * names are not accepted. A pure function of the definition.
 */
export function customResources(definition: Definition): readonly ResourceInfo[] {
  if (!hasCondition(definition, 'Established') && !hasCondition(definition, 'NamesAccepted')) return [];
  const all = new Map<string, ResourceInfo>();
  const versions = definition.spec?.versions ?? [];
  for (const version of versions) all.set(version.name ?? '', versionInfo(definition, version, all));
  return versions
    .filter(({ served }) => served === true)
    .map(({ name = '' }) => name)
    .sort(compareVersions)
    .map((name) => all.get(name))
    .filter((info) => info !== undefined);
}

function versionInfo(
  definition: Definition,
  version: DefinitionVersion,
  all: ReadonlyMap<string, ResourceInfo>,
): ResourceInfo {
  const { group = '', scope, names: wished = {}, versions = [] } = definition.spec ?? {};
  const names = { ...wished, ...definition.status?.acceptedNames };
  const { kind = '', plural = '' } = names;
  const type: CustomType = {
    group,
    version: version.name ?? '',
    kind,
    schema: version.schema?.openAPIV3Schema ?? openSchema,
  };
  const storageVersion = versions.find(({ storage }) => storage === true)?.name ?? type.version;
  const custom = customKind({ definition, version, type, storageVersion }, () => all.get(storageVersion));
  return {
    group,
    version: type.version,
    kind,
    listKind: names.listKind ?? `${kind}List`,
    resource: plural,
    singular: names.singular ?? '',
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    type: `${group}/${type.version}.${kind}`,
    subresources: subresourcesOf(version, type),
    storage: { group, resource: plural },
    storageVersion,
    custom,
  };
}

function subresourcesOf(
  version: DefinitionVersion,
  { group, version: name, kind }: CustomType,
): readonly SubresourceInfo[] {
  const found: SubresourceInfo[] = [];
  if (version.subresources?.status !== undefined)
    found.push({
      name: 'status',
      kind,
      group,
      version: name,
      verbs: subresourceVerbs,
      type: `${group}/${name}.${kind}`,
    });
  if (version.subresources?.scale !== undefined)
    found.push({
      name: 'scale',
      kind: 'Scale',
      group: 'autoscaling',
      version: 'v1',
      verbs: subresourceVerbs,
      type: 'autoscaling/v1.Scale',
    });
  return found;
}

function conversionOf({ spec }: Definition): ConversionWebhook | undefined {
  const { strategy, webhook } = spec?.conversion ?? {};
  return strategy === 'Webhook'
    ? { clientConfig: webhook?.clientConfig ?? {}, reviewVersions: webhook?.conversionReviewVersions ?? [] }
    : undefined;
}

function customKind(of: Parameters<typeof customBehaviour>[0], storage: () => ResourceInfo | undefined): CustomKind {
  const { definition, version, type } = of;
  const status = version.subresources?.status !== undefined;
  return {
    behaviour: customBehaviour(of),
    schema: type.schema,
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath = '' }) => selectedName(jsonPath)),
    node: mergeNodeOf(type.schema),
    scale: version.subresources?.scale,
    conversion: conversionOf(definition),
    terminating: definition.metadata.deletionTimestamp !== undefined,
    storage() {
      const info = storage();
      if (info === undefined) throw new Error(`the definition of ${type.kind}.${type.group} has a storage version`);
      return info;
    },
    decode: (body) => decodeCustom(type, body),
    conform(value, refuse) {
      const conformed = conformCustom(type, value, refuse);
      checkKind(type, conformed.object);
      return conformed;
    },
    ignoredFields: (subresource) => (subresource === 'status' ? [['metadata'], ['spec']] : status ? [['status']] : []),
  };
}

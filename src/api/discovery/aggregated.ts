/** The aggregated discovery document (apidiscovery.k8s.io). */

import type { JsonObject } from '../object.ts';
import type { ServedResource } from '../schema/index.ts';
import { groupNames, versionsOf } from './plain.ts';

interface AggregatedQuery {
  /** True: the document at `/api`, the core group alone. False: the one at `/apis`, every other group. */
  readonly core: boolean;
  /** Version of apidiscovery.k8s.io that the client asked for. */
  readonly version: 'v2' | 'v2beta1';
}

/** The APIGroupDiscoveryList: every group with its versions and resources in one document. */
export function aggregatedDiscovery(resources: readonly ServedResource[], query: AggregatedQuery): JsonObject {
  const groups = query.core ? [''] : groupNames(resources);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${query.version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versionsOf(resources, group).map((version) => versionFacts(resources, group, version)),
    })),
  };
}

function versionFacts(resources: readonly ServedResource[], group: string, version: string): JsonObject {
  const served = resources.filter((info) => info.group === group && info.version === version);
  return { version, resources: served.map(resourceFacts), freshness: 'Current' };
}

function resourceFacts(info: ServedResource): JsonObject {
  return {
    resource: info.resource,
    responseKind: { group: '', version: '', kind: info.kind },
    scope: info.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: info.singular,
    verbs: info.verbs,
    ...(info.shortNames.length === 0 ? {} : { shortNames: info.shortNames }),
    ...(info.categories.length === 0 ? {} : { categories: info.categories }),
    ...(info.subresources.length === 0 ? {} : { subresources: subresourceFacts(info) }),
  };
}

/** Group and version of a kind are given only where they differ from those of the resource. */
function subresourceFacts(info: ServedResource): readonly JsonObject[] {
  return info.subresources.map((subresource) => {
    const own = subresource.group === info.group && subresource.version === info.version;
    return {
      subresource: subresource.name,
      responseKind: {
        group: own ? '' : subresource.group,
        version: own ? '' : subresource.version,
        kind: subresource.kind,
      },
      verbs: subresource.verbs,
    };
  });
}

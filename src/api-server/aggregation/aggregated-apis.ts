/** What discovery shows of the APIs of other servers. */
import type { JsonObject } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { ForeignApis } from '../paths/index.ts';
import type { Aggregator } from './aggregator.ts';
import { jsonOf } from './answer-json.ts';
import { type ApiService, isAvailable } from './api-service.ts';
import { documentRequest } from './own-request.ts';

export const noAggregatedApis: ForeignApis = { groups: () => [], discovery: () => Promise.resolve([]) };

/** What an API server told of its resources is asked again after this long. */
const rememberMs = 30_000;

interface Remembered {
  readonly at: number;
  readonly resources: readonly JsonObject[];
}

/** What discovery shows of the APIs of other servers. */
export function aggregatedApis({
  clock,
  aggregator,
}: {
  readonly clock: Clock;
  readonly aggregator: Aggregator;
}): ForeignApis {
  const remembered = new Map<string, Remembered>();
  const resourcesOf = async (
    api: ApiService,
  ): Promise<{ readonly resources: readonly JsonObject[]; readonly fresh: boolean }> => {
    const id = `${api.metadata.uid ?? ''} ${api.metadata.resourceVersion ?? ''}`;
    const known = remembered.get(id);
    if (known !== undefined && clock.monotonic() - known.at < rememberMs)
      return { resources: known.resources, fresh: true };
    try {
      const list = await jsonOf(
        await aggregator.fetch(api, documentRequest(`/apis/${api.spec?.group ?? ''}/${api.spec?.version ?? ''}`)),
      );
      const resources = discoveryResources(list);
      remembered.set(id, { at: clock.monotonic(), resources });
      return { resources, fresh: true };
    } catch {
      // Discovery says by itself that a document is stale; the reason stands in the APIService's condition.
      return { resources: known?.resources ?? [], fresh: false };
    }
  };
  return {
    groups: () =>
      grouped(aggregator.apis().filter(isAvailable)).map(({ group, apis }) => {
        const versions = apis.map(({ spec }) => ({
          groupVersion: `${group}/${spec?.version ?? ''}`,
          version: spec?.version ?? '',
        }));
        return { name: group, versions, preferredVersion: versions[0] ?? null } as JsonObject;
      }),
    async discovery() {
      const all = aggregator.apis();
      if (all.length === 0) remembered.clear();
      return Promise.all(
        grouped(all).map(async ({ group, apis }) => {
          const versions = await Promise.all(
            apis.map(async (api) => {
              const { resources, fresh } = await resourcesOf(api);
              return {
                version: api.spec?.version ?? '',
                resources,
                freshness: fresh && isAvailable(api) ? 'Current' : 'Stale',
              };
            }),
          );
          return { metadata: { name: group, creationTimestamp: null }, versions } as JsonObject;
        }),
      );
    },
  };
}

/** Groups in the order of their priority, the versions of each likewise. */
function grouped(
  apis: readonly ApiService[],
): readonly { readonly group: string; readonly apis: readonly ApiService[] }[] {
  const groups = [...Map.groupBy(apis, ({ spec }) => spec?.group ?? '')].map(([group, members]) => ({
    group,
    priority: Math.max(...members.map(({ spec }) => spec?.groupPriorityMinimum ?? 0)),
    apis: members.toSorted((a, b) => (b.spec?.versionPriority ?? 0) - (a.spec?.versionPriority ?? 0)),
  }));
  return groups.sort((a, b) => b.priority - a.priority || (a.group < b.group ? -1 : 1));
}

interface ApiResource {
  readonly name?: string | undefined;
  readonly singularName?: string | undefined;
  readonly namespaced?: boolean | undefined;
  readonly kind?: string | undefined;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly verbs?: readonly string[] | undefined;
  readonly shortNames?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
}

/** An APIResourceList in the form of aggregated discovery, where subresources stand below their resource. */
function discoveryResources(list: unknown): readonly JsonObject[] {
  const { resources = [] } = (list ?? {}) as { readonly resources?: readonly ApiResource[] | undefined };
  const kindOf = ({ group = '', version = '', kind = '' }: ApiResource): object => ({ group, version, kind });
  return resources
    .filter(({ name = '' }) => name !== '' && !name.includes('/'))
    .map((resource) => {
      const { name = '', namespaced, singularName = '', verbs = [], shortNames = [], categories = [] } = resource;
      const below = resources.filter((other) => other.name?.startsWith(`${name}/`));
      return {
        resource: name,
        responseKind: kindOf(resource),
        scope: namespaced === true ? 'Namespaced' : 'Cluster',
        singularResource: singularName,
        verbs,
        ...(shortNames.length === 0 ? {} : { shortNames }),
        ...(categories.length === 0 ? {} : { categories }),
        ...(below.length === 0
          ? {}
          : {
              subresources: below.map((other) => ({
                subresource: other.name?.slice(name.length + 1),
                responseKind: kindOf(other),
                verbs: other.verbs ?? [],
              })),
            }),
      } as JsonObject;
    });
}

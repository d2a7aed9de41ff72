/** The OpenAPI documents of other servers, as this server shows them. */
import { deepEqual, type JsonObject } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { ForeignOpenapi } from '../paths/index.ts';
import type { Aggregator } from './aggregator.ts';
import { jsonOf } from './answer-json.ts';
import { type ApiService, isAvailable } from './api-service.ts';
import { mergedOpenapi } from './merged-openapi.ts';
import { documentRequest } from './own-request.ts';

export const noForeignOpenapi: ForeignOpenapi = {
  index: () => undefined,
  document: () => undefined,
  additions: () => undefined,
};

/** What an API server told of its documents is asked again after this long (as in Kubernetes). */
const rememberMs = 60_000;

interface Told {
  readonly at: number;
  readonly document: JsonObject | undefined;
}

const keyOf = ({ spec }: ApiService): string => `apis/${spec?.group ?? ''}/${spec?.version ?? ''}`;

/** What other servers told of their documents, kept for a while. */
class ToldDocuments {
  readonly #clock: Clock;
  readonly #aggregator: Aggregator;
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock, aggregator: Aggregator) {
    this.#clock = clock;
    this.#aggregator = aggregator;
  }

  /** A server that does not answer keeps the document that it had; one that has none is asked again later. */
  async of(api: ApiService, path: string): Promise<JsonObject | undefined> {
    const id = `${api.metadata.uid ?? ''} ${api.metadata.resourceVersion ?? ''} ${path}`;
    const known = this.#told.get(id);
    if (known !== undefined && this.#clock.monotonic() - known.at < rememberMs) return known.document;
    const told = await this.#aggregator
      .fetch(api, documentRequest(path))
      .then(jsonOf)
      .then(
        (value) => value as JsonObject,
        () => known?.document,
      );
    const document = known !== undefined && deepEqual(told, known.document) ? known.document : told;
    this.#told.set(id, { at: this.#clock.monotonic(), document });
    return document;
  }

  clear(): void {
    this.#told.clear();
  }
}

/** The OpenAPI documents of other servers, each for the group's version that its APIService names. */
export function aggregatedOpenapi({
  clock,
  aggregator,
}: {
  readonly clock: Clock;
  readonly aggregator: Aggregator;
}): ForeignOpenapi {
  const documents = new ToldDocuments(clock, aggregator);
  const available = (): readonly ApiService[] => {
    const all = aggregator.apis();
    if (all.length === 0) documents.clear();
    return all.filter(isAvailable);
  };
  return {
    index() {
      const apis = available();
      if (apis.length === 0) return undefined;
      return Promise.all(
        apis.map(async (api) => {
          const { paths = {} } = ((await documents.of(api, '/openapi/v3')) ?? {}) as {
            readonly paths?: Readonly<Record<string, unknown>> | undefined;
          };
          const own = paths[keyOf(api)];
          return own === undefined ? [] : [[keyOf(api), own] as const];
        }),
      ).then((entries) => Object.fromEntries(entries.flat()) as JsonObject);
    },
    document(key, query) {
      const [root, group = '', version = '', more] = key.split('/');
      const api = root === 'apis' && more === undefined ? aggregator.api(group, version) : undefined;
      if (api === undefined || !isAvailable(api)) return undefined;
      return aggregator.fetch(api, documentRequest(`/openapi/v3/${key}`, query));
    },
    additions() {
      const apis = available();
      if (apis.length === 0) return undefined;
      return Promise.all(
        apis.map(async (api) => ({ prefix: `/${keyOf(api)}`, document: await documents.of(api, '/openapi/v2') })),
      ).then((found) => ({
        documents: found.map(({ document }) => document),
        addTo: (own) =>
          found.reduce(
            (merged, { prefix, document }) =>
              document === undefined ? merged : mergedOpenapi(merged, document, prefix),
            own,
          ),
      }));
    },
  };
}

/** ConfigMaps as versioned objects. */
import { type ApiClient, isRefused, type Outcome } from './api-client.ts';
import type { Answer, Stored, VersionedObjects, Written } from './versioned-objects.ts';

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: { readonly id?: string; readonly value?: string };
}

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly ConfigMap[];
}

const listMs = 30_000;

/** Of one namespace. */
export class ConfigMaps implements VersionedObjects {
  readonly kind = 'ConfigMaps';
  readonly #api: ApiClient;
  readonly #path: string;

  constructor(api: ApiClient, namespace: string) {
    this.#api = api;
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  async make(name: string, value: string): Promise<Written> {
    const body = bodyOf({ name }, { value });
    return writtenOf(await this.#api.must<ConfigMap>({ method: 'POST', path: this.#path, body }));
  }

  /** The name is the server's: a create that was carried out twice shows as two objects of one id. */
  async create(id: string, turn: number): Promise<Answer<Written>> {
    const body = bodyOf({ generateName: 'created-' }, { id });
    return answerOf(await this.#api.call({ method: 'POST', path: this.#path, body, turn }), writtenOf);
  }

  async read(name: string, turn: number): Promise<Answer<Stored>> {
    return answerOf(await this.#api.call({ path: `${this.#path}/${name}`, turn }), storedOf);
  }

  async swap({ name, value, from, turn }: Parameters<VersionedObjects['swap']>[0]): Promise<Answer<Written>> {
    const body = bodyOf({ name, resourceVersion: String(from.version) }, { value });
    return answerOf(await this.#api.call({ method: 'PUT', path: `${this.#path}/${name}`, body, turn }), writtenOf);
  }

  async created(): Promise<readonly string[]> {
    const ids: string[] = [];
    let next = '';
    do {
      const query = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const page = await this.#api.must<Page>({ path: `${this.#path}?limit=500${query}`, timeoutMs: listMs });
      for (const { data } of page.items) if (data?.id !== undefined) ids.push(data.id);
      next = page.metadata.continue ?? '';
    } while (next !== '');
    return ids;
  }
}

const bodyOf = (metadata: object, data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });

const writtenOf = ({ metadata }: ConfigMap): Written => ({
  name: metadata.name,
  version: Number(metadata.resourceVersion),
});

const storedOf = ({ metadata, data }: ConfigMap): Stored => ({
  value: data?.value ?? '',
  version: Number(metadata.resourceVersion),
});

function answerOf<T>(outcome: Outcome, valueOf: (made: ConfigMap) => T): Answer<T> {
  if (outcome.type === 'unknown') return outcome;
  if (outcome.type === 'unsent') return { type: 'refused', why: outcome.why };
  const { status, text } = outcome;
  if (status === 200 || status === 201) return { type: 'done', value: valueOf(JSON.parse(text) as ConfigMap) };
  if (status === 409) return { type: 'conflict' };
  return { type: isRefused(outcome) ? 'refused' : 'unknown', why: `status ${status}` };
}

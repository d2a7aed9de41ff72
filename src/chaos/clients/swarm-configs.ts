/** Docker Swarm's configs as versioned objects: the value is a label, which is all of a config that may change. */
import { type ApiClient, isRefused, type Outcome } from './api-client.ts';
import type { Answer, Stored, VersionedObjects, Written } from './versioned-objects.ts';

interface Config {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
}

const listMs = 30_000;
const data = Buffer.from('chaos').toString('base64');
/** How a manager says that the version was another one; its status is that of a failure. */
const conflict = /update out of sequence/;
/** How an engine says that it has nobody to give a request to. */
const notCarriedOut = /not a swarm manager|not part of a swarm/;

export class SwarmConfigs implements VersionedObjects {
  readonly kind = 'configs';
  readonly #api: ApiClient;
  /** Ids by name: an update wants the id. */
  readonly #ids = new Map<string, string>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async make(name: string, value: string): Promise<Written> {
    const body = { Name: name, Labels: { value }, Data: data };
    const { ID } = await this.#api.must<{ ID: string }>({ method: 'POST', path: '/configs/create', body });
    this.#ids.set(name, ID);
    const made = await this.#api.must<Config>({ path: `/configs/${ID}` });
    return { name, version: made.Version.Index };
  }

  /** Names are the client's, and one of a kind; the request is sent once. */
  async create(id: string, turn: number): Promise<Answer<Written>> {
    const body = { Name: `created-${id}`, Labels: { id }, Data: data };
    const outcome = await this.#api.call({ method: 'POST', path: '/configs/create', body, turn });
    return swarmAnswer(outcome, () => ({ name: body.Name }));
  }

  async read(name: string, turn: number): Promise<Answer<Stored>> {
    const outcome = await this.#api.call({ path: `/configs/${this.#ids.get(name) ?? name}`, turn });
    return swarmAnswer(outcome, (text) => {
      const { Version, Spec } = JSON.parse(text) as Config;
      return { value: Spec.Labels?.['value'] ?? '', version: Version.Index };
    });
  }

  async swap({ name, value, from, turn }: Parameters<VersionedObjects['swap']>[0]): Promise<Answer<Written>> {
    const path = `/configs/${this.#ids.get(name) ?? name}/update?version=${from.version}`;
    const body = { Name: name, Labels: { value }, Data: data };
    return swarmAnswer(await this.#api.call({ method: 'POST', path, body, turn }), () => ({ name }));
  }

  async created(): Promise<readonly string[]> {
    const all = await this.#api.must<readonly Config[]>({ path: '/configs', timeoutMs: listMs });
    return all.flatMap(({ Spec }) => Spec.Labels?.['id'] ?? []);
  }
}

/** What a request of Docker's API came to. */
export function swarmAnswer<T>(outcome: Outcome, valueOf: (text: string) => T): Answer<T> {
  if (outcome.type === 'unsent') return { type: 'refused', why: outcome.why };
  if (outcome.type === 'unknown') {
    if (conflict.test(outcome.why)) return { type: 'conflict' };
    return notCarriedOut.test(outcome.why) ? { type: 'refused', why: outcome.why } : outcome;
  }
  const { status, text } = outcome;
  if (status < 300) return { type: 'done', value: valueOf(text) };
  if (status === 409) return { type: 'conflict' };
  return { type: isRefused(outcome) ? 'refused' : 'unknown', why: `status ${status}: ${text.slice(0, 200)}` };
}

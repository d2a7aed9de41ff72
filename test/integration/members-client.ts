import { Agent, request } from 'node:https';
import type { Cluster } from './cluster.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const askMs = 4_000;

/**
 * A client that knows all members: what one does not answer it asks the next, as clients do that are given several
 * addresses.
 */
export class ManyClient {
  readonly #agent: Agent;
  readonly #cluster: Cluster;
  readonly #urls: readonly string[];
  #turn: number;

  constructor(
    cluster: Cluster,
    urls: readonly string[],
    first = 0,
    { sockets = Number.POSITIVE_INFINITY }: { readonly sockets?: number } = {},
  ) {
    this.#cluster = cluster;
    this.#urls = urls;
    this.#turn = first;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets, ca: cluster.ca });
  }

  /** One try at one member. Rejects when its connection breaks or it is silent: the outcome is unknown then. */
  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const url = this.#urls[this.#turn % this.#urls.length] ?? '';
    return new Promise<Answer>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#cluster.token}` };
      const call = request(`${url}${path}`, { method, agent: this.#agent, timeout: askMs, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
        response.on('error', reject);
      });
      call.on('error', reject);
      call.on('timeout', () => {
        call.destroy(new Error('no answer in time'));
      });
      call.end(body === undefined ? undefined : JSON.stringify(body));
    }).then(
      (answer) => {
        if (answer.status >= 500) this.#turn += 1;
        return answer;
      },
      (error: unknown) => {
        this.#turn += 1;
        throw error;
      },
    );
  }

  /** Watches a collection at the member whose turn it is, over a connection of its own. */
  watch(path: string, take: (event: { readonly type: string; readonly object: unknown }) => void): { close(): void } {
    const url = this.#urls[this.#turn % this.#urls.length] ?? '';
    let left = '';
    const call = request(
      `${url}${path}${path.includes('?') ? '&' : '?'}watch=true`,
      { ca: this.#cluster.ca, agent: false, headers: { authorization: `Bearer ${this.#cluster.token}` } },
      (response) => {
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          const lines = `${left}${text}`.split('\n');
          left = lines.pop() ?? '';
          for (const line of lines) if (line !== '') take(JSON.parse(line) as { type: string; object: unknown });
        });
        response.on('error', () => undefined);
      },
    );
    call.on('error', () => undefined);
    call.end();
    return {
      close: () => {
        call.destroy();
      },
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

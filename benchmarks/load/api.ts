/** A client of the API for benchmarks: calls and watches. */
import { Agent, request } from 'node:https';
import type { Cluster } from '../../test/integration/cluster.ts';

/** An object as the watch shows it; the caller knows its kind. */
export interface WatchedObject {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** The API of a cluster as its administrator sees it, over kept-alive connections. */
export class Api {
  readonly #agent: Agent;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#agent = new Agent({ keepAlive: true, ca: cluster.ca });
  }

  /** The answer's body; rejects with it when the status is not a success. */
  call(method: string, path: string, body?: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const outgoing = request(
        `${this.#cluster.url}${path}`,
        { method, agent: this.#agent, headers: { ...this.#authorization, 'content-type': contentType } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on('end', () => {
            if ((response.statusCode ?? 500) < 300) resolve(text);
            else reject(new Error(text));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Watches from now on until `done` says so; `open` resolves when the server has begun. */
  watch(
    path: string,
    done: (object: WatchedObject, type: string) => boolean,
  ): { readonly open: Promise<void>; readonly done: Promise<void> } {
    let opened: () => void;
    const open = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const seen = new Promise<void>((resolve, reject) => {
      const outgoing = request(
        `${this.#cluster.url}${path}${path.includes('?') ? '&' : '?'}watch=1`,
        { agent: false, ca: this.#cluster.ca, headers: this.#authorization },
        (response) => {
          let rest = '';
          opened();
          response.on('data', (chunk: Buffer) => {
            const lines = (rest + chunk.toString()).split('\n');
            rest = lines.pop() ?? '';
            for (const line of lines) {
              const event = JSON.parse(line) as { type: string; object: WatchedObject };
              if (!done(event.object, event.type)) continue;
              outgoing.destroy();
              resolve();
              return;
            }
          });
        },
      );
      outgoing.on('error', (error) => {
        if (!outgoing.destroyed) reject(error);
      });
      outgoing.end();
    });
    return { open, done: seen };
  }

  close(): void {
    this.#agent.destroy();
  }

  get #authorization(): { readonly authorization: string } {
    return { authorization: `Bearer ${this.#cluster.token}` };
  }
}

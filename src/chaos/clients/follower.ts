/** Follows a collection to the end of a run: a list, then a watch, and both again when a stream breaks. */
import { delay, type Timers } from '../../base/index.ts';
import type { ApiClient, StreamEvent } from './api-client.ts';

interface FollowerOptions {
  readonly api: ApiClient;
  readonly timers: Timers;
  /** With its label selector, if any. */
  readonly path: string;
  readonly changed: (event: StreamEvent) => void;
}

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly StreamEvent['object'][];
}

const retryMs = 200;

/** Objects that were there at a list come as ADDED; what vanished meanwhile comes as DELETED. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #known = new Map<string, StreamEvent['object']>();
  #stopped = false;
  #turn = 0;
  #close: () => void = () => undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { api, path } = this.#options;
    const { metadata, items } = await api.must<List>({ path, turn: this.#turn });
    const present = new Set(items.map(({ metadata: { uid } }) => uid));
    for (const [uid, object] of this.#known) if (!present.has(uid)) this.#take({ type: 'DELETED', object });
    for (const object of items)
      this.#take({ type: this.#known.has(object.metadata.uid) ? 'MODIFIED' : 'ADDED', object });
    const joint = path.includes('?') ? '&' : '?';
    this.#close = api.watch(
      { path: `${path}${joint}watch=true&resourceVersion=${metadata.resourceVersion}`, turn: this.#turn },
      {
        event: (event) => {
          this.#take(event);
        },
        end: () => {
          void this.#again();
        },
      },
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
  }

  #take(event: StreamEvent): void {
    const { uid } = event.object.metadata;
    if (event.type === 'DELETED') this.#known.delete(uid);
    else this.#known.set(uid, event.object);
    this.#options.changed(event);
  }

  async #again(): Promise<void> {
    while (!this.#stopped) {
      await delay(this.#options.timers, retryMs);
      this.#turn += 1;
      if (this.#stopped) return;
      try {
        await this.start();
        return;
      } catch {
        // Nobody answers yet: the next member is asked.
      }
    }
  }
}

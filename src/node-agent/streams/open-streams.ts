/** Counts the streams of a node, so that nobody takes all that the machine can carry. */
import { tooManyRequests } from '../../api/index.ts';

interface StreamBounds {
  readonly all: number;
  readonly perNamespace: number;
}

const retrySeconds = 5;

/** A stream costs the machine a connection to its engine, and many have no end: followed logs, shells, ports. */
export class OpenStreams {
  readonly #bounds: StreamBounds;
  readonly #byNamespace = new Map<string, number>();
  #all = 0;

  constructor(bounds: StreamBounds) {
    this.#bounds = bounds;
  }

  /** Takes a place for a stream to a pod of the namespace; what is returned gives it back. Throws 429. */
  enter(namespace: string): () => void {
    const { all, perNamespace } = this.#bounds;
    const own = this.#byNamespace.get(namespace) ?? 0;
    if (own >= perNamespace)
      throw tooManyRequests(
        `the node has ${own} open streams to pods of namespace ${namespace}; close some`,
        retrySeconds,
      );
    if (this.#all >= all)
      throw tooManyRequests(`the node has ${this.#all} open streams; try again later`, retrySeconds);
    this.#all += 1;
    this.#byNamespace.set(namespace, own + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#all -= 1;
      const rest = (this.#byNamespace.get(namespace) ?? 0) - 1;
      if (rest > 0) this.#byNamespace.set(namespace, rest);
      else this.#byNamespace.delete(namespace);
    };
  }
}

/** Takes the steps of a rotation of keys on a node, as the members say, and says so in its Lease. */
import { type Clock, delay, errorMessage, type Logger, type Timers, WakeLoop } from '../../base/index.ts';
import { volumeRefreshMs } from '../../node-agent/index.ts';
import { busView, type BusViewOptions } from '../../resources/index.ts';
import { type NodeKeys, nodeKeys, takenAnnotation } from '../join/index.ts';
import type { JoinedKeys } from './joined-keys.ts';
import { keyCheckMs } from './node-token.ts';

interface KeyNewsPorts {
  readonly requests: Omit<BusViewOptions, 'queries'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface KeyNewsOptions {
  /** Absent beside a member, whose files it shares. */
  readonly joined: JoinedKeys | undefined;
  /** Whether pods of the node read files that change. */
  readonly hasPods: () => boolean;
}

const maps = { group: '', resource: 'configmaps' };
const retryMs = 2_000;

export class KeyNews {
  readonly #ports: KeyNewsPorts;
  readonly #options: KeyNewsOptions;
  readonly #view: ReturnType<typeof busView>;
  #taken = '';
  readonly #loop: WakeLoop;
  #tokensNotBefore = 0;

  constructor(ports: KeyNewsPorts, options: KeyNewsOptions) {
    this.#ports = ports;
    this.#options = options;
    const { timers, log } = ports;
    const failed = (error: unknown): void => {
      log.warn('cannot take a step of the rotation of keys yet; retrying', { error: errorMessage(error) });
    };
    this.#loop = new WakeLoop({ timers, retryMs, work: () => this.#follow(), failed });
    const { namespace, name } = nodeKeys;
    this.#view = busView({
      ...ports.requests,
      queries: [{ ...maps, namespace, fieldSelector: `metadata.name=${name}` }],
    });
    this.#view.onChange(() => {
      this.#loop.wake();
    });
  }

  /** Of the node's Lease. */
  get annotations(): Readonly<Record<string, string>> {
    return this.#taken === '' ? {} : { [takenAnnotation]: this.#taken };
  }

  /** Pods' tokens from before (wall-clock ms) are to be replaced. */
  get tokensNotBefore(): number {
    return this.#tokensNotBefore;
  }

  close(): void {
    this.#loop.close();
    this.#view.close();
  }

  /** Takes the step that is told; a change meanwhile wakes the loop again. */
  async #follow(): Promise<void> {
    const told = this.#view.get<{ readonly data?: NodeKeys }>(maps, nodeKeys.namespace, nodeKeys.name)?.data;
    if (told?.rotation === undefined || told.step === undefined) return;
    const { rotation, step } = told;
    if (`${rotation}/${step}` === this.#taken) return;
    await this.#take(told, step);
    this.#taken = `${rotation}/${step}`;
    this.#ports.log.info('took a step of the rotation of keys', { rotation, step });
  }

  async #take(keys: NodeKeys, step: string): Promise<void> {
    const { clock, timers } = this.#ports;
    const { joined, hasPods } = this.#options;
    joined?.trust(keys['ca.crt']);
    if (step === 'trust' && hasPods()) await delay(timers, volumeRefreshMs);
    if (step !== 'renew') return;
    await joined?.renew(keys['ca.crt']);
    // The node's own token is of the new key by then, and pods have theirs.
    await delay(timers, 2 * keyCheckMs);
    this.#tokensNotBefore = clock.now();
    if (hasPods()) await delay(timers, volumeRefreshMs);
  }
}

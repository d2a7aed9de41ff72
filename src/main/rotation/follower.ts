/** Takes the steps of a rotation in this home as the store says, and says so there. */
import { delay, errorMessage, type Logger, type Timers, WakeLoop } from '../../base/index.ts';
import { lockFolder } from '../../platform/index.ts';
import type { StoreMember } from '../../state/index.ts';
import type { Home } from '../process/index.ts';
import type { FreshSecrets } from './fresh-secrets.ts';
import { forgetRotation, takeSteps } from './home-rotation.ts';
import {
  hasReached,
  isRotationRecord,
  noteTaken,
  readRotation,
  type RotationRecord,
  type RotationStep,
  takenSteps,
} from './rotation-record.ts';
import { unseal } from './sealing.ts';

interface FollowerPorts {
  readonly store: Pick<StoreMember, 'get' | 'range' | 'transact' | 'onApplied' | 'status'>;
  readonly timers: Timers;
  readonly log: Logger;
}

interface FollowerOptions {
  readonly home: Home;
  readonly member: string;
  /** Opens what is sealed for this home, PEM. */
  readonly sealingKey: string;
  /** Puts the files of the home to use; they have just changed by this step. `done`: every member has dropped. */
  readonly use: (step: RotationUse) => Promise<void>;
  /** Takes a step that the others could not tell of. False: there is none. */
  readonly takeMissed: () => Promise<boolean>;
}

export type RotationUse = RotationStep | 'done';

const retryMs = 1_000;
/** A member that knows no leader for two looks may have missed a step. */
const lookMs = 5_000;
const lockRetryMs = 20;

export function followRotation(ports: FollowerPorts, options: FollowerOptions): { close(): void } {
  const follower = new RotationFollower(ports, options);
  return {
    close: () => {
      follower.close();
    },
  };
}

class RotationFollower {
  readonly #ports: FollowerPorts;
  readonly #options: FollowerOptions;
  readonly #followed: { close(): void };
  /** The rotation that this process took part in. */
  #following: string | undefined;
  readonly #loop: WakeLoop;
  #leaderlessLooks = 0;
  readonly #looking: { cancel(): void };

  constructor(ports: FollowerPorts, options: FollowerOptions) {
    this.#ports = ports;
    this.#options = options;
    const { timers, log } = ports;
    const failed = (error: unknown): void => {
      log.warn('cannot take a step of the rotation of keys yet; retrying', { error: errorMessage(error) });
    };
    this.#loop = new WakeLoop({ timers, retryMs, work: () => this.#follow(), failed });
    this.#followed = ports.store.onApplied((events) => {
      if (events.some(isRotationRecord)) this.#loop.wake();
    });
    this.#loop.wake();
    this.#looking = timers.every(lookMs, () => {
      this.#leaderlessLooks = ports.store.status().leader === undefined ? this.#leaderlessLooks + 1 : 0;
      if (this.#leaderlessLooks >= 2) this.#loop.wake();
    });
  }

  close(): void {
    this.#loop.close();
    this.#looking.cancel();
    this.#followed.close();
  }

  async #follow(): Promise<void> {
    const { home, member, use } = this.#options;
    const { record } = readRotation(this.#ports.store);
    if (record === undefined) return;
    if (record.step === 'done') {
      forgetRotation(home);
      if (this.#following === record.id) await use('done');
      this.#following = undefined;
      return;
    }
    this.#following = record.id;
    const taken = takenSteps(this.#ports.store, record.id).get(member);
    if (!hasReached(taken, record.step)) await this.#take(record, record.step);
    if (this.#leaderlessLooks >= 2) await this.#takeMissed();
  }

  async #takeMissed(): Promise<void> {
    const { takeMissed, use } = this.#options;
    const { release } = await this.#lock();
    try {
      if (await takeMissed()) await use('renew');
    } finally {
      await release();
    }
  }

  async #take(record: RotationRecord, step: RotationStep): Promise<void> {
    const { store, log } = this.#ports;
    const { home, member, sealingKey, use } = this.#options;
    const sealed = record.sealed[member];
    if (sealed === undefined) {
      log.warn('the keys of the cluster are rotated without this member, which will be shut out', { member });
      return;
    }
    const fresh = JSON.parse(await unseal(sealed, sealingKey)) as FreshSecrets;
    const { release } = await this.#lock();
    try {
      takeSteps(home, { id: record.id, step, fresh });
      await use(step);
    } finally {
      await release();
    }
    await noteTaken(store, member, { id: record.id, step });
    log.info('took a step of the rotation of keys', { rotation: record.id, step });
  }

  /** Several members may share a home. */
  async #lock(): Promise<{ release(): Promise<void> }> {
    for (;;) {
      const lock = await lockFolder(this.#options.home.pki);
      if ('release' in lock) return lock;
      await delay(this.#ports.timers, lockRetryMs);
    }
  }
}

/** Runs one controller: a supervised actor for each of its keys, woken by changes and by time. */
import { type ActorContext, type ActorSystem, type Behaviour, createRegion, type Region } from '../../actors/index.ts';
import type { Clock, Timers } from '../../base/index.ts';
import { actOn, type ObjectChange } from '../../resources/index.ts';
import { shardOf } from '../../shards/index.ts';
import { reconcileThroughConflicts } from './conflicts.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { type FencedPorts, fencedPorts, type Ownership } from './fenced-ports.ts';
import { keyOfFacts } from './keys.ts';
import { RequeueTimers } from './requeue-timers.ts';
import { Rests } from './rests.ts';
import { wakeInBatches } from './wake-in-batches.ts';
import { WakeQueue } from './wake-queue.ts';

/** Tells a controller's actor to reconcile its object. Waiting wake-ups are one. */
interface Wake {
  readonly type: 'wake';
}
const wake: Wake = { type: 'wake' };

/** Supervisors below which one controller's actors are spread, unless the options say otherwise. */
const bucketsDefault = 8;
/** One object's reconciler fails for as long as the cause lasts: its restarts are slow, not counted out. */
const restart = { restartsMax: 20, withinMs: 10 * 60_000, backoffMs: 50, backoffMsMax: 30_000 };
/** Then it is parked, and tried again after each rest: the cause may have gone without a change of the object. */
const whenSpent = { type: 'park', retry: true } as const;

interface RunnerOptions {
  readonly system: ActorSystem;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Below how many supervisors one controller's actors are spread; default 8. */
  readonly buckets?: number | undefined;
  /** Absent: every key is this member's. */
  readonly ownership?: Ownership | undefined;
}

/** A controller at work. */
interface RunningController {
  readonly controller: Controller;
  wake(key: string): void;
  /** Stops listening and forgets all requeues (another member has taken over). */
  stop(): void;
  /** Listens again and reconciles every object once. Harmless when it runs. */
  resume(): void;
}

/** Puts a controller's actors under supervision, and wakes every existing object once. */
export function runController(
  controller: Controller,
  ports: ControllerPorts,
  options: RunnerOptions,
): RunningController {
  const runner = new Runner(controller, ports, options);
  options.ownership?.onChange((gained) => {
    runner.leaveLost();
    runner.wakeGained(gained);
  });
  runner.resume();
  return runner;
}

class Runner implements RunningController {
  readonly controller: Controller;
  readonly #ports: ControllerPorts;
  readonly #options: RunnerOptions;
  readonly #fencedPorts: FencedPorts;
  readonly #region: Region<Wake>;
  readonly #queue: WakeQueue;
  readonly #requeues: RequeueTimers;
  readonly #rests: Rests;
  /** Undefined while it is stopped. */
  #unsubscribe: (() => void) | undefined;

  constructor(controller: Controller, ports: ControllerPorts, options: RunnerOptions) {
    this.controller = controller;
    this.#ports = ports;
    this.#options = options;
    this.#fencedPorts = fencedPorts(controller.name, ports, options.ownership);
    this.#region = createRegion<null, Wake>(options.system, {
      kind: controller.name,
      buckets: options.buckets ?? bucketsDefault,
      behaviour: (key) =>
        reconciler(async (context) => {
          try {
            await this.#turn(key, context);
          } finally {
            if (!this.#isOwned(key)) this.#region.stop(key);
          }
        }),
      spawn: { coalesceKey: () => 'wake', restart, whenSpent },
    });
    const tell = (key: string): void => {
      this.#region.tell(key, wake);
    };
    this.#queue = new WakeQueue(options.timers, { region: this.#region, wake: tell });
    this.#rests = new Rests(options.clock);
    this.#requeues = new RequeueTimers(options, (key) => {
      this.#due(key);
    });
  }

  wake(key: string): void {
    if (this.#isRunning() && this.#isOwned(key)) this.#queue.add(key);
  }

  /** Ends the actors of keys that are another member's now; one at work ends with its turn. */
  leaveLost(): void {
    this.#region.leave((key) => !this.#isOwned(key));
  }

  /** Reconciles every object of the shards that this member has just gained. */
  wakeGained(gained: ReadonlySet<number>): void {
    if (!this.#isRunning() || gained.size === 0) return;
    this.#wakeAll((key) => gained.has(shardOf(this.controller.name, key)));
  }

  resume(): void {
    const { controller } = this;
    if (!this.#isRunning()) controller.reset?.();
    this.#unsubscribe ??= this.#ports.view.onChange((change) => {
      this.#onChange(change);
    }, controller.watches);
    this.#begin().catch((error: unknown) => {
      this.#ports.log.error('cannot start a controller', { controller: controller.name, error: String(error) });
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#requeues.clear();
    this.#rests.clear();
    this.#queue.clear();
  }

  #onChange(change: ObjectChange): void {
    const keys = this.controller.keysFor(change, this.#ports);
    if (keys.length === 0) return;
    actOn(change, () => {
      for (const key of keys) this.wake(key);
    });
  }

  #due(key: string): void {
    if (!this.#isRunning() || !this.#isOwned(key)) return;
    const ms = this.controller.postponeMs?.(key, this.#ports) ?? 0;
    if (ms > 0) this.#requeues.requeue(key, ms);
    else this.wake(key);
  }

  async #begin(): Promise<void> {
    await this.#ports.view.synced();
    // Without a shard there is nothing to reconcile yet; listing the keys is costly.
    if (this.#fencedPorts.any()) this.#wakeAll((key) => this.#isOwned(key));
  }

  #wakeAll(isWanted: (key: string) => boolean): void {
    const { controller } = this;
    const keys = controller.initialKeys?.(this.#ports) ?? this.#ports.view.facts(controller.resource).map(keyOfFacts);
    const wakeOne = (key: string): void => {
      this.wake(key);
    };
    wakeInBatches(keys.filter(isWanted), wakeOne, this.#options);
  }

  async #turn(key: string, context: ActorContext<Wake>): Promise<void> {
    this.#requeues.cancel(key);
    if (!this.#isRunning()) return;
    const restMs = this.#rests.leftMs(key);
    if (restMs > 0) {
      this.#requeues.requeue(key, restMs);
      return;
    }
    const log = this.#ports.log.with({ actor: context.address });
    const portsNow = (): ControllerPorts | undefined => {
      const ports = this.#fencedPorts.of(key);
      return ports === undefined ? undefined : { ...ports, log };
    };
    const result = await reconcileThroughConflicts(this.controller, key, portsNow);
    this.#rests.begin(key, result?.restMs ?? 0);
    if (result?.requeueAfterMs !== undefined && this.#isRunning()) this.#requeues.requeue(key, result.requeueAfterMs);
  }

  #isOwned(key: string): boolean {
    return this.#fencedPorts.of(key) !== undefined;
  }

  /** Asked again after each wait: it may have been stopped meanwhile. */
  #isRunning(): boolean {
    return this.#unsubscribe !== undefined;
  }
}

/** After a crash the restarted actor reconciles by itself: the cause is still in the cluster's state. */
function reconciler(turn: (context: ActorContext<Wake>) => Promise<void>): Behaviour<null, Wake> {
  let starts = 0;
  return {
    initialState: (context) => {
      starts += 1;
      if (starts > 1) context.self.tell(wake);
      return null;
    },
    receive: async (state, _message, context) => {
      await turn(context);
      return state;
    },
  };
}

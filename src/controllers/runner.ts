import { type ActorContext, type ActorSystem, type Behaviour, createRegion, type Region } from '../actors/index.ts';
import type { Clock, Logger, Timers } from '../base/index.ts';
import { actOn, type ResourceClient } from '../resources/index.ts';
import { type Grant, shardOf, type Shards, shardsCount } from '../shards/index.ts';
import type { Controller, ControllerPorts, ReconcileResult } from './controller.ts';
import { isConflict } from './failures.ts';
import { keyOfFacts } from './objects.ts';
import { PacedWakes } from './paced-wakes.ts';
import { PlannedLooks } from './planned-looks.ts';

/** What a controller's actor is told: look at your object again. Waiting wake-ups are one. */
export interface Wake {
  readonly type: 'wake';
}
const wake: Wake = { type: 'wake' };

/** Keys that are woken in one turn at start, so that a large cluster does not swamp the write path. */
const initialBatch = 64;
const initialPauseMs = 10;
const initialPauseMsMax = 100;
/** Conflicts in a row before the actor pauses: somebody else writes the same object very often. */
const conflictsMax = 5;
const conflictPauseMs = 100;
/** One object's reconciler fails for as long as the cause lasts: its restarts are slow, not counted out. */
const restart = { restartsMax: 20, withinMs: 10 * 60_000, backoffMs: 50, backoffMsMax: 30_000 };
/**
 * Then it is parked, and tried again by itself after each rest: the cause may have gone without a change of the object.
 */
const whenSpent = { type: 'park', retry: true } as const;

/** Which of a controller's keys this member acts on, and how it writes for them. */
export interface Ownership extends Pick<Shards, 'grant' | 'onChange'> {
  /** A client whose writes fail once the grant has ended. */
  clientOf(grant: Grant): ResourceClient;
}

export interface RunnerOptions {
  readonly system: ActorSystem;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Below how many supervisors one controller's actors are spread; default 8. */
  readonly shards?: number;
  /** Absent: every key is this member's. */
  readonly ownership?: Ownership;
}

/** A controller at work. */
export interface RunningController {
  readonly controller: Controller;
  wake(key: string): void;
  /** Stops listening and all planned looks (another member has taken over). */
  stop(): void;
  /** Listens again and looks at every object once. Harmless when it runs. */
  resume(): void;
}

/**
 * Puts a controller's actors under supervision, wakes them from the view's changes, and wakes every existing object
 * once.
 */
export function runController(
  controller: Controller,
  ports: ControllerPorts,
  options: RunnerOptions,
): RunningController {
  let unsubscribe: (() => void) | undefined;
  const region: Region<Wake> = createRegion<null, Wake>(options.system, {
    kind: controller.name,
    shards: options.shards ?? 8,
    behaviour: (key) => reconciler((context) => turn(key, context)),
    spawn: { coalesceKey: () => 'wake', restart, whenSpent },
  });
  const rights = rightsOf(controller, ports, options.ownership);
  const wakes = new PacedWakes(options.timers, {
    region,
    wake: (key) => {
      region.tell(key, wake);
    },
  });
  const tell = (key: string): void => {
    if (unsubscribe !== undefined && rights.of(key) !== undefined) wakes.add(key);
  };
  const looks = new PlannedLooks(options, tell);
  async function turn(key: string, context: ActorContext<Wake>): Promise<void> {
    looks.cancel(key);
    if (unsubscribe === undefined) return;
    const log = ports.log.with({ actor: context.address });
    const result = await reconcileThroughConflicts(controller, key, () => withLog(rights.of(key), log));
    if (result?.requeueAfterMs !== undefined && unsubscribe !== undefined) looks.plan(key, result.requeueAfterMs);
  }
  const wakeAll = (wanted: (key: string) => boolean): void => {
    wakeInBatches(
      (controller.initialKeys?.(ports) ?? ports.view.facts(controller.resource).map(keyOfFacts)).filter(wanted),
      tell,
      options,
    );
  };
  const begin = async (): Promise<void> => {
    await ports.view.synced();
    // Without a shard there is nothing to look at yet; which keys there are is costly to find out.
    if (rights.any()) wakeAll((key) => rights.of(key) !== undefined);
  };
  options.ownership?.onChange((gained) => {
    if (unsubscribe !== undefined && gained.size > 0) wakeAll((key) => gained.has(shardOf(controller.name, key)));
  });
  const resume = (): void => {
    if (unsubscribe === undefined) controller.reset?.();
    unsubscribe ??= ports.view.onChange((change) => {
      const keys = controller.wakes(change, ports);
      if (keys.length > 0)
        actOn(change, () => {
          for (const key of keys) tell(key);
        });
    }, controller.heeds);
    begin().catch((error: unknown) => {
      ports.log.error('a controller could not start', { controller: controller.name, error: String(error) });
    });
  };
  resume();
  return {
    controller,
    wake: tell,
    resume,
    stop: () => {
      unsubscribe?.();
      unsubscribe = undefined;
      looks.clear();
      wakes.clear();
    },
  };
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

function withLog(ports: ControllerPorts | undefined, log: Logger): ControllerPorts | undefined {
  return ports === undefined ? undefined : { ...ports, log };
}

/** The ports for a key while this member may act on it: they write under the fence of the key's shard. */
function rightsOf(
  controller: Controller,
  ports: ControllerPorts,
  ownership: Ownership | undefined,
): { of(key: string): ControllerPorts | undefined; any(): boolean } {
  if (ownership === undefined) return { of: () => ports, any: () => true };
  const known = new WeakMap<Grant, ControllerPorts>();
  return {
    of: (key) => {
      const grant = ownership.grant(shardOf(controller.name, key));
      if (grant === undefined) return undefined;
      const fenced = known.get(grant) ?? { ...ports, client: ownership.clientOf(grant) };
      known.set(grant, fenced);
      return fenced;
    },
    any: () =>
      Array.from({ length: shardsCount }, (_, shard) => shard).some((shard) => ownership.grant(shard) !== undefined),
  };
}

/** A conflict may be a lost shard too: each attempt asks again whether the key is this member's. */
async function reconcileThroughConflicts(
  controller: Controller,
  key: string,
  portsNow: () => ControllerPorts | undefined,
): Promise<ReconcileResult | undefined> {
  for (let attempt = 1; ; attempt++) {
    const ports = portsNow();
    if (ports === undefined) return undefined;
    try {
      return await controller.reconcile(key, ports);
    } catch (error) {
      // What fails after the shard has gone is the next owner's business.
      if (portsNow() === undefined) return undefined;
      if (!isConflict(error)) throw error;
      if (attempt >= conflictsMax) return { requeueAfterMs: conflictPauseMs };
    }
  }
}

/**
 * Where a pause lasted longer than it should, the process was busy: then the next one is as long, so that the doors
 * have half of the time.
 */
function wakeInBatches(
  keys: readonly string[],
  tell: (key: string) => void,
  { clock, timers }: Pick<RunnerOptions, 'clock' | 'timers'>,
): void {
  const wakeFrom = (first: number, pauseMs: number): void => {
    const next = first + initialBatch;
    for (const key of keys.slice(first, next)) tell(key);
    if (next >= keys.length) return;
    const end = clock.monotonic() + pauseMs;
    timers.after(pauseMs, () => {
      wakeFrom(next, Math.min(Math.max(initialPauseMs, clock.monotonic() - end), initialPauseMsMax));
    });
  };
  wakeFrom(0, initialPauseMs);
}

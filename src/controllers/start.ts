import type { ActorSystem } from '../actors/index.ts';
import type { Clock, Logger, Random, Timers } from '../base/index.ts';
import type { ResourceClient, ResourceView } from '../resources/index.ts';
import type { Grant, Shards } from '../shards/index.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { eventRecorder } from './events.ts';
import { runController, type RunningController } from './runner.ts';

export interface StartControllersOptions {
  readonly system: ActorSystem;
  readonly controllers: readonly Controller[];
  readonly view: ResourceView;
  /**
   * Each controller acts under its own name (`system:serviceaccount:kube-system:<controller>`), so it has its own
   * client.
   */
  clientOf(controller: string, grant?: Grant): ResourceClient;
  /** Which keys this member acts on; absent: all of them, as the only member. */
  readonly owned?: Pick<Shards, 'grant' | 'onChange'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly shards?: number;
}

export interface RunningControllers {
  readonly running: readonly RunningController[];
  /** Stops listening and all planned looks (another member has taken over); the actors end with their system. */
  stop(): void;
  /** Listens again and looks at every object once. */
  resume(): void;
}

/** Puts controllers to work: one region of actors each, woken by the view. Existing objects are all looked at once. */
export function startControllers(options: StartControllersOptions): RunningControllers {
  const running = options.controllers.map((controller) => {
    const client = options.clientOf(controller.name);
    const log = options.log.with({ controller: controller.name });
    const recorder = eventRecorder(controller.eventSource ?? controller.name, { client, clock: options.clock, log });
    const ports: ControllerPorts = {
      view: options.view,
      client,
      clock: options.clock,
      random: options.random,
      log,
      event: recorder.event,
    };
    const { owned, shards, system, clock, timers } = options;
    const ownership =
      owned === undefined
        ? undefined
        : {
            grant: (shard: number) => owned.grant(shard),
            onChange: (listener: (gained: ReadonlySet<number>) => void) => owned.onChange(listener),
            clientOf: (grant: Grant) => options.clientOf(controller.name, grant),
          };
    return runController(controller, ports, {
      system,
      clock,
      timers,
      ...(shards === undefined ? {} : { shards }),
      ...(ownership === undefined ? {} : { ownership }),
    });
  });
  return {
    running,
    stop: () => {
      for (const one of running) one.stop();
    },
    resume: () => {
      for (const one of running) one.resume();
    },
  };
}

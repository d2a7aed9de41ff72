/** Starts a member's controllers: each with its own client, log and Event source. */
import type { ActorSystem } from '../../actors/index.ts';
import type { Clock, Logger, Random, Timers } from '../../base/index.ts';
import { eventRecorder, type ResourceClient, type ResourceView } from '../../resources/index.ts';
import type { Grant, Shards } from '../../shards/index.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import type { Ownership } from './fenced-ports.ts';
import { runController } from './runner.ts';

interface StartControllersOptions {
  readonly system: ActorSystem;
  readonly controllers: readonly Controller[];
  readonly view: ResourceView;
  /**
   * Each controller acts under its own name (`system:serviceaccount:kube-system:<controller>`), so it has its own
   * client.
   */
  clientOf(controller: string, grant?: Grant): ResourceClient;
  /** Which keys this member acts on; absent: all of them, as the only member. */
  readonly owned?: Pick<Shards, 'grant' | 'onChange'> | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  /** Supervisors below which each controller's actors are spread; default 8. */
  readonly buckets?: number | undefined;
}

interface RunningControllers {
  /** Stops listening and forgets all requeues; the actors end with their system. */
  stop(): void;
}

/** Puts controllers to work: one region of actors each, woken by the view. Each existing object is reconciled once. */
export function startControllers(options: StartControllersOptions): RunningControllers {
  const running = options.controllers.map((controller) => {
    const client = options.clientOf(controller.name);
    const log = options.log.with({ controller: controller.name });
    const source = { component: controller.eventSource ?? controller.name };
    const { event } = eventRecorder(source, { client, clock: options.clock, log });
    const ports: ControllerPorts = {
      view: options.view,
      client,
      clock: options.clock,
      random: options.random,
      log,
      event,
    };
    const { system, clock, timers, buckets } = options;
    return runController(controller, ports, {
      system,
      clock,
      timers,
      buckets,
      ownership: ownershipOf(controller.name, options),
    });
  });
  return {
    stop: () => {
      for (const one of running) one.stop();
    },
  };
}

function ownershipOf(controller: string, { owned, clientOf }: StartControllersOptions): Ownership | undefined {
  if (owned === undefined) return undefined;
  return {
    grant: (shard) => owned.grant(shard),
    onChange: (listener) => owned.onChange(listener),
    clientOf: (grant) => clientOf(controller, grant),
  };
}

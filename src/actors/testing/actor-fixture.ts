import { silentLogger, silentMetrics } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { Behaviour } from '../actor.ts';
import { type ActorSystemPorts, createActorSystem, type InnerActorSystem } from '../actor-system.ts';

/** Turns of the event loop in which a chain of actors comes to rest. */
const actorTurns = 20;

export interface ActorFixture {
  readonly time: SimulatedTime;
  readonly system: InnerActorSystem;
}

/** A tree on time driven by hand; each send is encoded, as between processes. */
export function fixture(ports: Partial<ActorSystemPorts> = {}): ActorFixture {
  const time = new SimulatedTime(0, actorTurns);
  return {
    time,
    system: createActorSystem({
      name: 'test',
      clock: time,
      timers: time,
      log: silentLogger,
      metrics: silentMetrics,
      encodeSends: true,
      ...ports,
    }),
  };
}

/** What the counter is told. */
export type Count =
  | { readonly type: 'add'; readonly by: number }
  | { readonly type: 'read'; readonly reply: (total: number) => void }
  | { readonly type: 'fail' };
/** Adds, tells its sum, and crashes when told to. */
export const counter: Behaviour<number, Count> = {
  initialState: () => 0,
  receive: (total, message) => {
    if (message.type === 'fail') throw new Error('told to fail');
    if (message.type === 'read') message.reply(total);
    return message.type === 'add' ? total + message.by : total;
  },
};
export const read = (reply: (total: number) => void): Count => ({ type: 'read', reply });

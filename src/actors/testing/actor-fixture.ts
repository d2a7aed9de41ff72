import { silentLogger, silentMetrics, type Timer } from '../../base/index.ts';
import type { Behaviour } from '../actor.ts';
import { type ActorSystemPorts, createActorSystem, type InnerActorSystem } from '../actor-system.ts';

/** Time that moves only when told; actors' turns run on the event loop in between. */
export class ManualTime {
  ms = 0;
  #timers: { at: number; call: () => void; everyMs?: number }[] = [];
  readonly clock = { now: (): number => this.ms, monotonic: (): number => this.ms };
  readonly timers = {
    after: (delayMs: number, call: () => void): Timer => this.#add({ at: this.ms + delayMs, call }),
    every: (periodMs: number, call: () => void): Timer => this.#add({ at: this.ms + periodMs, call, everyMs: periodMs }),
  };
  #add(timer: { at: number; call: () => void; everyMs?: number }): Timer {
    this.#timers.push(timer);
    return { cancel: () => { this.#timers = this.#timers.filter((other) => other !== timer); } };
  }
  async advance(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.ms = Math.max(this.ms, next.at);
      if (next.everyMs === undefined) this.#timers = this.#timers.filter((other) => other !== next);
      else next.at += next.everyMs;
      next.call();
    }
    this.ms = end;
    await settle();
  }
}

/** Lets turns and promises run until nothing moves without time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => { setImmediate(resolve); });
}

export interface ActorFixture {
  readonly time: ManualTime;
  readonly system: InnerActorSystem;
}

/** A tree on time driven by hand; each send is encoded, as between processes. */
export function fixture(ports: Partial<ActorSystemPorts> = {}): ActorFixture {
  const time = new ManualTime();
  return { time, system: createActorSystem({ name: 'test', clock: time.clock, timers: time.timers, log: silentLogger, metrics: silentMetrics, encodeSends: true, ...ports }) };
}

/** What the counter is told. */
export type Count = { readonly type: 'add'; readonly by: number } | { readonly type: 'read'; readonly reply: (total: number) => void } | { readonly type: 'fail' };
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

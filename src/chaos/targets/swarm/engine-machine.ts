/** A machine of a Swarm: a network namespace with a Docker engine. */
import type { Timers } from '../../../base/index.ts';
import { KeptEngine } from '../kept-engine.ts';
import type { MachineNetwork } from './machine-network.ts';

interface EngineMachineOptions {
  readonly number: number;
  /** Where its engine keeps its files: its disk. */
  readonly folder: string;
  readonly network: MachineNetwork;
  readonly timers: Timers;
}

/** Its clients reach it by its socket, whatever its network does. */
export class EngineMachine {
  readonly name: string;
  readonly number: number;
  readonly address: string;
  readonly engine: KeptEngine;
  readonly #network: MachineNetwork;

  constructor({ number, folder, network, timers }: EngineMachineOptions) {
    this.number = number;
    this.name = `machine-${number}`;
    this.address = network.addressOf(number);
    this.#network = network;
    const group = `troupe-chaos-${process.pid}-${number}`;
    const space = `/run/netns/${network.spaceOf(number)}`;
    this.engine = new KeptEngine({ name: this.name, folder, group, space, hostname: this.name, timers });
  }

  /** Resolves when its engine answers. */
  async start(): Promise<void> {
    await this.powerOn();
    await this.engine.answers();
  }

  /** Connects it and starts its engine. */
  async powerOn(): Promise<void> {
    await this.#network.plug(this.number);
    this.engine.begin();
  }

  /** The power goes: no process and no network is left, only its disk. Answers how many processes died. */
  async die(): Promise<number> {
    const killed = await this.engine.die();
    await this.#network.unplug(this.number);
    return killed;
  }

  /** For the end of a run: what is left of it goes. */
  async remove(): Promise<void> {
    await this.engine.remove();
    await this.#network.unplug(this.number);
  }
}

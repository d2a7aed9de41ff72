/** The agent's end of a stream to a door. */
import type { Timer, Timers } from '../../base/index.ts';
import { type Bus, BusError, decodeIfWhole, encode } from '../../bus/index.ts';
import {
  acknowledgeSent,
  endWindow,
  mayNumberNext,
  numberNext,
  openWindow,
  parseStreamFrame,
  receiveNumber,
  type StreamFrame,
  streamFrameBytesMax,
  streamWindowFrames,
  takeMessages,
} from '../../protocol/index.ts';

/** The agent's end of one stream to a door. */
export interface StreamLink {
  /** Sends bytes; resolves when they are on their way, so a slow reader slows the sender. False: the stream is over. */
  send(channel: number, data: Uint8Array): Promise<boolean>;
  /** Ends a channel, or the stream. */
  end(channel?: number): void;
  /** Bytes from the door; the next frame is taken when the promise resolves. */
  onData(listener: (channel: number, data: Uint8Array) => Promise<void>): void;
  /** The door ended a channel, or (undefined) the stream. */
  onEnd(listener: (channel: number | undefined) => void): void;
  readonly over: boolean;
}

const livenessMs = 15_000;

/** Opens the agent's end: its own subject, frames numbered from 1, at most a window of them unacknowledged. */
export function openLink(
  ports: { readonly bus: Bus; readonly timers: Timers },
  toDoor: string,
): { readonly link: StreamLink; readonly toAgent: string } {
  const link = new Link(ports, toDoor);
  return { link, toAgent: link.toAgent };
}

class Link implements StreamLink {
  readonly toAgent: string;
  readonly #bus: Bus;
  readonly #toDoor: string;
  readonly #subscription: { close(): void };
  readonly #liveness: Timer;
  readonly #waiting: (() => void)[] = [];
  readonly #window = openWindow({ sendMax: streamWindowFrames, acknowledgeEvery: streamWindowFrames / 4 });
  #data: (channel: number, data: Uint8Array) => Promise<void> = () => Promise.resolve();
  #end: (channel: number | undefined) => void = () => undefined;
  #order: Promise<void> = Promise.resolve();

  constructor(ports: { readonly bus: Bus; readonly timers: Timers }, toDoor: string) {
    this.#bus = ports.bus;
    this.#toDoor = toDoor;
    this.toAgent = ports.bus.inbox();
    this.#subscription = ports.bus.subscribe(this.toAgent, (message) => {
      this.#receive(parseStreamFrame(decodeIfWhole(message.payload)));
    });
    this.#liveness = ports.timers.every(livenessMs, () => {
      void this.#checkLiveness();
    });
  }

  get over(): boolean {
    return this.#window.over;
  }

  async send(channel: number, data: Uint8Array): Promise<boolean> {
    for (let at = 0; at < data.byteLength; at += streamFrameBytesMax) {
      while (!this.over && !mayNumberNext(this.#window))
        await new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
        });
      if (this.over) return false;
      this.#publish({
        type: 'data',
        seq: numberNext(this.#window),
        channel,
        data: data.subarray(at, at + streamFrameBytesMax),
      });
    }
    return !this.over;
  }

  end(channel?: number): void {
    if (this.over) return;
    this.#publish({ type: 'end', seq: numberNext(this.#window), channel });
    if (channel === undefined) this.#stop();
  }

  onData(listener: (channel: number, data: Uint8Array) => Promise<void>): void {
    this.#data = listener;
  }

  onEnd(listener: (channel: number | undefined) => void): void {
    this.#end = listener;
  }

  #receive(frame: StreamFrame | undefined): void {
    if (this.over) return;
    if (frame === undefined) {
      this.#lost();
      return;
    }
    if (frame.type === 'acknowledged') {
      if (acknowledgeSent(this.#window, frame.seq)) for (const wake of this.#waiting.splice(0)) wake();
      return;
    }
    if (receiveNumber(this.#window, frame.seq) !== 'next') {
      this.#lost();
      return;
    }
    this.#order = this.#order.then(async () => {
      // A write fails when the process is gone; its end is reported by itself.
      if (frame.type === 'data') await this.#data(frame.channel, frame.data).catch(() => undefined);
      else if (frame.channel === undefined) this.#lost();
      else this.#end(frame.channel);
      const seq = takeMessages(this.#window);
      if (seq !== undefined) this.#publish({ type: 'acknowledged', seq });
    });
  }

  #publish(frame: StreamFrame): void {
    this.#bus.publish(this.#toDoor, encode(frame));
  }

  /** A door that is gone leaves nobody on its subject; one that is alive need not answer. */
  async #checkLiveness(): Promise<void> {
    try {
      await this.#bus.request(this.#toDoor, encode({ type: 'acknowledged', seq: this.#window.taken }), {
        deadlineMs: 1000,
      });
    } catch (error) {
      if (error instanceof BusError && error.code !== 'timeout') this.#lost();
    }
  }

  #lost(): void {
    if (this.over) return;
    this.#stop();
    this.#end(undefined);
  }

  #stop(): void {
    endWindow(this.#window);
    this.#liveness.cancel();
    this.#subscription.close();
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

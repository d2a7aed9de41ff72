/** Flows that go on: a question every few milliseconds over one connection, or from one port. */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { type Answer, type FlowAsked, type FlowState, goOn } from './probe.ts';

const everyMs = 25;
/** A connection that is refused or ends is opened again after this time. */
const againMs = 50;

/** One flow, and what became of it. */
export class Flow {
  readonly #asked: FlowAsked;
  #heard = 0;
  #lastMs = performance.now();
  #longestMs = 0;
  #opened = 0;
  #pod = '';
  #stop: () => void = () => undefined;

  constructor(asked: FlowAsked) {
    this.#asked = asked;
    if (asked.over === 'udp') this.#openUdp();
    else this.#openTcp();
  }

  /** What has happened since the last call. */
  state(id: string): FlowState {
    const silentMs = performance.now() - this.#lastMs;
    const longestMs = Math.round(Math.max(this.#longestMs, silentMs));
    const told = {
      id,
      heard: this.#heard,
      silentMs: Math.round(silentMs),
      longestMs,
      opened: this.#opened,
      pod: this.#pod,
    };
    this.#heard = 0;
    this.#longestMs = 0;
    return told;
  }

  end(): void {
    this.#stop();
  }

  #answered(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lastMs);
    this.#lastMs = now;
    this.#heard++;
  }

  #openTcp(): void {
    const { over, address, port } = this.#asked;
    const socket: Socket = connect({ host: address, port });
    let again: NodeJS.Timeout | undefined;
    if (over === 'told') socket.write(goOn);
    const asking = setInterval(() => {
      if (over === 'tcp' && socket.writableLength === 0) socket.write('.\n');
    }, everyMs);
    this.#opened++;
    let first = true;
    socket.on('data', (data) => {
      if (first) this.#pod = (JSON.parse(data.toString().split('\n')[0] ?? '') as Answer).pod;
      first = false;
      this.#answered();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(asking);
      again = setTimeout(() => {
        this.#openTcp();
      }, againMs);
    });
    this.#stop = () => {
      socket.removeAllListeners('close');
      clearInterval(asking);
      clearTimeout(again);
      socket.destroy();
    };
  }

  #openUdp(): void {
    const { address, port } = this.#asked;
    const socket = createSocket('udp4');
    this.#opened++;
    socket.on('message', (data) => {
      this.#pod = (JSON.parse(data.toString()) as Answer).pod;
      this.#answered();
    });
    // A refusal is no end: the next datagram may find somebody.
    socket.on('error', () => undefined);
    socket.connect(port, address);
    const asking = setInterval(() => {
      try {
        socket.send('.', () => undefined);
      } catch {
        // Not connected yet.
      }
    }, everyMs);
    this.#stop = () => {
      clearInterval(asking);
      socket.close();
    };
  }
}

/** The door's end of a stream to a node's agent. */
import { internalError, StatusError, type StatusDetails, type StatusReason } from '../../api/index.ts';
import { errorMessage, type Timers } from '../../base/index.ts';
import { type Bus, BusError, decodeIfWhole, encode, type Subjects } from '../../bus/index.ts';
import {
  acknowledgeSent,
  type AnswerHead,
  endWindow,
  mayNumberNext,
  numberNext,
  type OpenStream,
  openWindow,
  parseAnswerHead,
  parseStreamFrame,
  receiveNumber,
  type StreamFrame,
  streamFrameBytesMax,
  type StreamWindow,
  streamWindowFrames,
  takeMessages,
} from '../../protocol/index.ts';

export interface NodeStreamPorts {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly timers: Timers;
}

export interface NodeConnection {
  /** What a kubelet's answer begins with; its body comes on channel 1. */
  readonly answer: AnswerHead | undefined;
  /** Sends bytes in frames; what goes beyond the window waits. True while nothing waits. */
  send(channel: number, data: Uint8Array): boolean;
  /** Ends one channel, or the whole stream. */
  end(channel?: number): void;
  /** The client is gone: what it sent and waits goes first, then the stream ends. */
  leave(): void;
  /** Sets who is told; frames that came before are given at once. */
  listen(listener: ConnectionListener): void;
}

export interface ConnectionListener {
  /** `taken` is called when the bytes have been passed on: only then may the agent send more. */
  data(channel: number, data: Uint8Array, taken: () => void): void;
  /** A channel ended; without a channel, the stream (the last call). `failure` says why it ended before its time. */
  end(channel: number | undefined, failure?: string): void;
  /** What waited to be sent is gone. */
  drain(): void;
}

const openMs = 10_000;
/** So long what a client sent may wait for a pod once the client is gone. */
const leaveMs = 10_000;
/** The agent gets its credit back in portions. */
const acknowledgeFrames = streamWindowFrames / 4;
const livenessMs = 15_000;

/** Opens a stream to the agent of a node. Throws the agent's refusal as the StatusError that it is. */
export async function connectNode(
  ports: NodeStreamPorts,
  node: string,
  open: Omit<OpenStream, 'toDoor'>,
): Promise<NodeConnection> {
  const { bus, subjects } = ports;
  // The agent may send on its own node's subjects only; the last token of an inbox is one that nobody else has.
  const toDoor = subjects.nodeDoor(node, bus.inbox().split('.').at(-1) ?? '');
  const connection = new Connection(ports);
  const subscription = bus.subscribe(toDoor, (message) => {
    connection.receive(parseStreamFrame(decodeIfWhole(message.payload)));
  });
  connection.onFinish(() => {
    subscription.close();
  });
  try {
    const reply = await bus.request(subjects.nodeStream(node), encode({ ...open, toDoor }), { deadlineMs: openMs });
    const answer = (decodeIfWhole(reply.payload) ?? {}) as {
      readonly type?: unknown;
      readonly toAgent?: unknown;
      readonly answer?: unknown;
      readonly status?: unknown;
    };
    if (answer.type !== 'opened' || typeof answer.toAgent !== 'string') throw refusalOf(answer.status);
    connection.start(answer.toAgent, parseAnswerHead(answer.answer));
    return connection;
  } catch (error) {
    subscription.close();
    if (error instanceof BusError)
      throw internalError(
        `error dialing backend: the agent of node ${JSON.stringify(node)} does not answer (${error.code})`,
      );
    throw error;
  }
}

function refusalOf(status: unknown): StatusError {
  const {
    reason = '',
    message = 'the agent refused the stream',
    details,
    code,
  } = (status ?? {}) as {
    readonly reason?: StatusReason | '' | undefined;
    readonly message?: string | undefined;
    readonly details?: StatusDetails | undefined;
    readonly code?: number | undefined;
  };
  return new StatusError(reason, message, { details, code });
}

type Numbered = Exclude<StreamFrame, { readonly type: 'acknowledged' }>;

interface Waiting {
  readonly channel: number;
  /** Undefined: the channel ends. */
  readonly data: Uint8Array | undefined;
}

/** Numbers, window and order of one stream. */
class Connection implements NodeConnection {
  readonly #ports: NodeStreamPorts;
  readonly #window: StreamWindow = openWindow({ sendMax: streamWindowFrames, acknowledgeEvery: acknowledgeFrames });
  readonly #waiting: Waiting[] = [];
  readonly #early: Numbered[] = [];
  answer: AnswerHead | undefined;
  #listener: ConnectionListener | undefined;
  #toAgent = '';
  #finish: () => void = () => undefined;
  #stopLiveness: () => void = () => undefined;

  constructor(ports: NodeStreamPorts) {
    this.#ports = ports;
  }

  onFinish(finish: () => void): void {
    this.#finish = finish;
  }

  start(toAgent: string, answer?: AnswerHead): void {
    this.answer = answer;
    this.#toAgent = toAgent;
    const timer = this.#ports.timers.every(livenessMs, () => {
      void this.#checkLiveness();
    });
    this.#stopLiveness = () => {
      timer.cancel();
    };
    this.#flush();
  }

  send(channel: number, data: Uint8Array): boolean {
    for (let at = 0; at < data.byteLength; at += streamFrameBytesMax)
      this.#waiting.push({ channel, data: data.subarray(at, at + streamFrameBytesMax) });
    this.#flush();
    return this.#waiting.length === 0;
  }

  end(channel?: number): void {
    if (this.#window.over) return;
    if (channel === undefined) {
      this.#publish({ type: 'end', seq: numberNext(this.#window) });
      this.#stop();
      return;
    }
    this.#waiting.push({ channel, data: undefined });
    this.#flush();
  }

  leave(): void {
    if (this.#window.over) return;
    const finish = (): void => {
      late.cancel();
      this.end();
    };
    const late = this.#ports.timers.after(leaveMs, finish);
    this.#listener = { data: (_channel, _data, taken) => taken(), end: finish, drain: finish };
    if (this.#waiting.length === 0) finish();
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    for (const frame of this.#early.splice(0)) this.#handle(frame);
  }

  receive(frame: StreamFrame | undefined): void {
    if (this.#window.over) return;
    if (frame === undefined) {
      this.#fail('a frame of the stream cannot be read');
      return;
    }
    if (frame.type === 'acknowledged') {
      acknowledgeSent(this.#window, frame.seq);
      this.#flush();
      return;
    }
    if (receiveNumber(this.#window, frame.seq) !== 'next') {
      this.#fail('frames of the stream were lost');
      return;
    }
    if (this.#listener === undefined) this.#early.push(frame);
    else this.#handle(frame);
  }

  #handle(frame: Numbered): void {
    if (frame.type === 'data') {
      this.#listener?.data(frame.channel, frame.data, () => {
        this.#take();
      });
      return;
    }
    this.#take();
    if (frame.channel === undefined) this.#stop();
    this.#listener?.end(frame.channel);
  }

  #take(): void {
    const seq = takeMessages(this.#window);
    if (seq !== undefined) this.#publish({ type: 'acknowledged', seq });
  }

  #flush(): void {
    if (this.#window.over || this.#toAgent === '') return;
    const waited = this.#waiting.length > 0;
    while (mayNumberNext(this.#window)) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const { channel, data } = next;
      const seq = numberNext(this.#window);
      this.#publish(data === undefined ? { type: 'end', seq, channel } : { type: 'data', seq, channel, data });
    }
    if (waited && this.#waiting.length === 0) this.#listener?.drain();
  }

  #publish(frame: StreamFrame): void {
    if (this.#toAgent !== '') this.#ports.bus.publish(this.#toAgent, encode(frame));
  }

  /** An agent that is gone leaves nobody on its subject; one that is alive need not answer. */
  async #checkLiveness(): Promise<void> {
    try {
      await this.#ports.bus.request(this.#toAgent, encode({ type: 'acknowledged', seq: this.#window.taken }), {
        deadlineMs: 1_000,
      });
    } catch (error) {
      if (error instanceof BusError && error.code !== 'timeout')
        this.#fail(`the node's agent is gone: ${errorMessage(error)}`);
    }
  }

  #fail(reason: string): void {
    if (this.#window.over) return;
    this.#stop();
    this.#listener?.end(undefined, reason);
  }

  #stop(): void {
    endWindow(this.#window);
    this.#stopLiveness();
    this.#finish();
  }
}

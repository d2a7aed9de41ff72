import test from 'ava';
import { decode, encode, SimulatedNetwork } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { type StreamFrame, streamFrameBytesMax, streamWindowFrames } from '../../protocol/index.ts';
import type { ContainerRuntime, ProcessSession } from '../runtime/index.ts';
import { readLogsOf, sendLogs } from './log-stream.ts';
import { carryProcess, exitStatus } from './process-stream.ts';
import { openLink, type StreamLink } from './stream-link.ts';

/** The agent's end of a stream, and a door that notes its frames and answers as the test says. */
class Play {
  readonly time = new SimulatedTime();
  readonly network = new SimulatedNetwork(this.time);
  readonly frames: StreamFrame[] = [];
  readonly link: StreamLink;
  readonly #door = this.network.client('door');
  readonly #toAgent: string;
  readonly #subscription: { close(): void };

  constructor() {
    const toDoor = this.#door.inbox();
    this.#subscription = this.#door.subscribe(toDoor, ({ payload }) => {
      this.frames.push(decode(payload) as StreamFrame);
    });
    const { link, toAgent } = openLink({ bus: this.network.client('agent'), timers: this.time }, toDoor);
    this.link = link;
    this.#toAgent = toAgent;
  }

  async say(...frames: readonly (StreamFrame | 'noise')[]): Promise<void> {
    for (const frame of frames) this.#door.publish(this.#toAgent, encode(frame));
    await this.time.run(10);
  }

  leave(): void {
    this.#subscription.close();
  }
}

const data = (seq: number, text = 'x'): StreamFrame => ({ type: 'data', seq, channel: 0, data: Buffer.from(text) });

test('bytes go out in numbered frames, and no more than a window of them without an acknowledgement', async (t) => {
  const play = new Play();
  const sent = play.link.send(1, Buffer.alloc(streamFrameBytesMax * (streamWindowFrames + 2)));
  await play.time.run(10);
  t.deepEqual(
    play.frames.map((frame) => frame.seq),
    Array.from({ length: streamWindowFrames }, (_, i) => i + 1),
  );
  await play.say({ type: 'acknowledged', seq: 1 });
  t.is(play.frames.length, streamWindowFrames + 1);
  await play.say({ type: 'acknowledged', seq: streamWindowFrames });
  t.true(await sent);
  t.is(play.frames.length, streamWindowFrames + 2);
});

test('bytes of the door are taken one frame after the other, and acknowledged in portions', async (t) => {
  const play = new Play();
  const taken: string[] = [];
  let release: () => void = () => undefined;
  play.link.onData(async (_channel, bytes) => {
    taken.push(Buffer.from(bytes).toString());
    if (taken.length === 1)
      await new Promise<void>((resolve) => {
        release = resolve;
      });
  });
  const portion = streamWindowFrames / 4;
  await play.say(...Array.from({ length: portion }, (_, i) => data(i + 1, String(i + 1))));
  t.deepEqual(taken, ['1']);
  release();
  await play.time.run(10);
  t.is(taken.length, portion);
  t.deepEqual(play.frames, [{ type: 'acknowledged', seq: portion }]);
});

test('a channel that the door ends leaves the others open; the end of the stream ends it all', async (t) => {
  const play = new Play();
  const ended: (number | undefined)[] = [];
  play.link.onEnd((channel) => ended.push(channel));
  await play.say({ type: 'end', seq: 1, channel: 0 });
  t.deepEqual([ended, play.link.over], [[0], false]);
  await play.say({ type: 'end', seq: 2 });
  t.deepEqual([ended, play.link.over], [[0, undefined], true]);
  t.false(await play.link.send(1, Buffer.from('late')));
});

test('a lost frame and one that cannot be read end the stream', async (t) => {
  for (const frames of [[data(2)], ['noise'], [data(1), data(1)]] as const) {
    const play = new Play();
    const ended: (number | undefined)[] = [];
    play.link.onEnd((channel) => ended.push(channel));
    await play.say(...frames);
    t.deepEqual([ended, play.link.over], [[undefined], true]);
  }
});

test('a door that is gone ends the stream, and with it a sender that waits', async (t) => {
  const play = new Play();
  const sent = play.link.send(1, Buffer.alloc(streamFrameBytesMax * (streamWindowFrames + 1)));
  play.leave();
  await play.time.run(20_000);
  t.true(play.link.over);
  t.false(await sent);
});

test('log options become what the engine is asked; seconds go before a time', (t) => {
  const none = { follow: false, timestamps: false, tailLines: undefined, since: undefined };
  t.deepEqual(readLogsOf({}, 10_000), none);
  t.deepEqual(readLogsOf({ sinceSeconds: 3, sinceTime: '1970-01-01T00:00:01Z' }, 10_000), { ...none, since: 7000 });
  t.deepEqual(readLogsOf({ sinceTime: '1970-01-01T00:00:01Z', tailLines: 5, follow: true }, 10_000), {
    ...none,
    follow: true,
    tailLines: 5,
    since: 1000,
  });
  t.is(readLogsOf({ sinceTime: 'yesterday' }, 10_000).since, undefined);
});

type LogOutput = Awaited<ReturnType<ContainerRuntime['logs']>>;

test('a log whose reader went while the engine was asked for it is closed', async (t) => {
  const play = new Play();
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  /** A log that says nothing. */
  const silent: LogOutput = {
    close,
    [Symbol.asyncIterator]: () => ({ next: () => closed.then(() => ({ done: true as const, value: undefined })) }),
  };
  let answer: (output: LogOutput) => void = () => undefined;
  const logs = (): Promise<LogOutput> =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const clock = { now: () => 0, monotonic: () => 0 };
  const sending = sendLogs({ runtime: { logs }, clock }, play.link, { id: 'c', options: { follow: true } });
  await play.say({ type: 'end', seq: 1 });
  answer(silent);
  await sending;
  t.true(play.link.over);
});

test('who was attached learns no exit code, unlike who ran a command', async (t) => {
  const statusAfter = async (type: 'attach' | 'exec'): Promise<unknown> => {
    const play = new Play();
    const asked = { namespace: 'default', pod: 'p', uid: 'u', container: 'c', toDoor: 'd' };
    const carried = carryProcess(play.link, endedSession(7), { type, ...asked, stdout: true });
    await play.time.run(10);
    await carried;
    const told = play.frames.find((frame) => frame.type === 'data' && frame.channel === 3);
    return told?.type === 'data' ? JSON.parse(Buffer.from(told.data).toString('utf8')) : undefined;
  };
  t.deepEqual(await statusAfter('attach'), exitStatus(0));
  t.deepEqual(await statusAfter('exec'), exitStatus(7));
});

const endedSession = (exitCode: number): ProcessSession => ({
  output: (async function* none() {})(),
  write: () => Promise.resolve(),
  endInput: () => undefined,
  resize: () => Promise.resolve(),
  exitCode: () => Promise.resolve(exitCode),
  close: () => undefined,
});

test('an exit code is a status that kubectl understands', (t) => {
  t.deepEqual(exitStatus(0), { metadata: {}, status: 'Success' });
  t.like(exitStatus(3), {
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });
});

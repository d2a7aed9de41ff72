import test from 'ava';
import fc from 'fast-check';
import {
  acknowledgeSent,
  type Arrival,
  endWindow,
  mayNumberNext,
  numberNext,
  openWindow,
  receiveNumber,
  type StreamWindow,
  takeMessages,
} from './stream-window.ts';

const sendAll = (window: StreamWindow): number[] => {
  const sent: number[] = [];
  while (sent.length < 100 && mayNumberNext(window)) sent.push(numberNext(window));
  return sent;
};

test('messages are numbered from 1 and stop at the window until they are acknowledged', (t) => {
  const window = openWindow({ sendMax: 3 });
  t.deepEqual(sendAll(window), [1, 2, 3]);
  t.true(acknowledgeSent(window, 2));
  t.deepEqual(sendAll(window), [4, 5]);
});

test('without a window the sender never waits', (t) => {
  t.is(sendAll(openWindow()).length, 100);
});

test('a message that passes the window takes a number and room', (t) => {
  const window = openWindow({ sendMax: 1 });
  t.is(numberNext(window), 1);
  t.is(numberNext(window), 2);
  t.true(acknowledgeSent(window, 1));
  t.false(mayNumberNext(window));
});

const acknowledgements = [
  { title: 'an old acknowledgement changes nothing', seq: 1, moved: false, acknowledged: 1 },
  {
    title: 'an acknowledgement of what was never sent counts up to what was sent',
    seq: 99,
    moved: true,
    acknowledged: 3,
  },
  { title: 'an acknowledgement that is no number changes nothing', seq: Number.NaN, moved: false, acknowledged: 1 },
];
for (const { title, seq, moved, acknowledged } of acknowledgements)
  test(title, (t) => {
    const window = openWindow({ sendMax: 3 });
    sendAll(window);
    acknowledgeSent(window, 1);
    t.is(acknowledgeSent(window, seq), moved);
    t.is(window.acknowledged, acknowledged);
  });

const arrivals: { title: string; seq: number; arrival: Arrival; received: number }[] = [
  { title: 'the number that is due is next', seq: 3, arrival: 'next', received: 3 },
  { title: 'a number that came before is repeated', seq: 2, arrival: 'repeated', received: 2 },
  { title: 'a number after a gap means loss', seq: 4, arrival: 'lost', received: 2 },
  { title: 'a number that cannot be one means loss', seq: Number.NaN, arrival: 'lost', received: 2 },
];
for (const { title, seq, arrival, received } of arrivals)
  test(title, (t) => {
    const window = openWindow();
    receiveNumber(window, 1);
    receiveNumber(window, 2);
    t.is(receiveNumber(window, seq), arrival);
    t.is(window.received, received);
  });

test('a sender that does not wait for its credit overruns the window', (t) => {
  const window = openWindow({ receiveMax: 2, acknowledgeEvery: 1 });
  t.is(receiveNumber(window, 1), 'next');
  t.is(receiveNumber(window, 2), 'next');
  t.is(receiveNumber(window, 3), 'overrun');
  t.is(takeMessages(window), 1);
  t.is(receiveNumber(window, 3), 'next');
});

test('taken messages are acknowledged in portions', (t) => {
  const window = openWindow({ acknowledgeEvery: 3 });
  const asked = [1, 2, 3, 4, 5, 6, 7].map((seq) => {
    receiveNumber(window, seq);
    return takeMessages(window);
  });
  t.deepEqual(asked, [undefined, undefined, 3, undefined, undefined, 6, undefined]);
});

test('what was held back is acknowledged at once when it is taken', (t) => {
  const window = openWindow({ acknowledgeEvery: 2 });
  for (const seq of [1, 2, 3, 4, 5]) receiveNumber(window, seq);
  t.is(takeMessages(window, window.received - window.taken), 5);
});

test('a stream ends once, and then neither sends nor acknowledges', (t) => {
  const window = openWindow({ sendMax: 4, acknowledgeEvery: 1 });
  numberNext(window);
  receiveNumber(window, 1);
  t.true(endWindow(window));
  t.false(endWindow(window));
  t.false(mayNumberNext(window));
  t.false(acknowledgeSent(window, 1));
  t.is(takeMessages(window), undefined);
});

test('over an orderly, lossless line all messages arrive once, in order, never more under way than the window', (t) => {
  const step = fc.constantFrom('send', 'arrive', 'take', 'acknowledge');
  const shape = fc.record({ windowMax: fc.integer({ min: 1, max: 8 }), steps: fc.array(step, { maxLength: 200 }) });
  fc.assert(
    fc.property(shape, ({ windowMax, steps }) => {
      const sender = openWindow({ sendMax: windowMax });
      const receiver = openWindow({ receiveMax: windowMax, acknowledgeEvery: Math.ceil(windowMax / 4) });
      const [line, credits, arrived]: [number[], number[], number[]] = [[], [], []];
      const perform = (what: 'send' | 'arrive' | 'take' | 'acknowledge'): void => {
        if (what === 'send' && mayNumberNext(sender)) line.push(numberNext(sender));
        if (what === 'arrive' && line.length > 0) {
          const seq = line.shift() ?? 0;
          if (receiveNumber(receiver, seq) === 'next') arrived.push(seq);
        }
        if (what === 'take' && receiver.taken < receiver.received) {
          const credit = takeMessages(receiver);
          if (credit !== undefined) credits.push(credit);
        }
        if (what === 'acknowledge' && credits.length > 0) acknowledgeSent(sender, credits.shift() ?? 0);
      };
      for (const what of steps) {
        perform(what);
        if (sender.sent - sender.acknowledged > windowMax || receiver.credited > receiver.taken) return false;
      }
      // Whatever happened before, a round of each step lets the sender go on: the window never locks up.
      const before = sender.sent;
      const round = ['arrive', 'take', 'acknowledge', 'send'] as const;
      for (let i = 0; i < 4 * windowMax; i++) for (const what of round) perform(what);
      return sender.sent > before && arrived.every((seq, i) => seq === i + 1);
    }),
  );
  t.pass();
});

test('a lost message is always noticed at the next one', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(18), (count, at) => {
      const lost = (at % (count - 1)) + 1;
      const receiver = openWindow();
      const seen = Array.from({ length: count }, (_, i) => i + 1)
        .filter((seq) => seq !== lost)
        .map((seq) => receiveNumber(receiver, seq));
      return seen.indexOf('lost') === lost - 1 && seen.slice(lost - 1).every((arrival) => arrival === 'lost');
    }),
  );
  t.pass();
});

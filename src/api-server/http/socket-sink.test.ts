import test from 'ava';
import { type BodySink, type MessageSocket, utf8 } from '../request.ts';
import { streamUpgrade } from './socket-sink.ts';

function fakeSocket(): { readonly socket: MessageSocket; readonly sent: unknown[]; close: () => void } {
  const sent: unknown[] = [];
  const closed: (() => void)[] = [];
  const socket: MessageSocket = {
    send: (data) => sent.push(data) < 4,
    onMessage: () => undefined,
    hold: () => undefined,
    onDrain: () => undefined,
    onClose: (listener) => {
      closed.push(listener);
    },
    close: (code) => {
      sent.push(`closed ${code}`);
    },
  };
  return {
    socket,
    sent,
    close: () => {
      for (const listener of closed) listener();
    },
  };
}

test('a watch over a WebSocket sends a message a line, reports a slow reader, and ends with its socket', (t) => {
  let sink: BodySink | undefined;
  const upgrade = streamUpgrade(
    {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: (opened) => {
        sink = opened;
      },
    },
    ['base64url.bearer.authorization.k8s.io.abc', 'watch'],
  );
  t.is(upgrade?.protocol, 'watch');
  const { socket, sent, close } = fakeSocket();
  upgrade?.run(socket);
  t.true(sink?.write(utf8('{"a":1}\n{"b":2}\n')));
  t.deepEqual(sent, ['{"a":1}', '{"b":2}']);
  t.false(sink?.write(utf8('{"c":3}\n{"d":4}\n')));
  let ended = false;
  sink?.onClose(() => {
    ended = true;
  });
  close();
  t.true(ended);
  sink?.end();
  t.is(sent.at(-1), 'closed 1000');
});

test('what is no stream stays an ordinary answer', (t) => {
  t.is(streamUpgrade({ status: 200, headers: {}, body: utf8('x') }, []), undefined);
  t.is(streamUpgrade({ status: 403, headers: {}, body: () => undefined }, []), undefined);
});

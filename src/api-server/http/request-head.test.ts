import test from 'ava';
import { readPlainHead } from './request-head.ts';

const head = (line: string, ...fields: string[]): Buffer =>
  Buffer.from([line, ...fields, '', ''].join('\r\n'), 'latin1');

test('an ordinary request is read whole', (t) => {
  const data = Buffer.concat([
    head('POST /api/v1/pods?limit=5 HTTP/1.1', 'Host: a', 'Content-Type:  application/json ', 'Content-Length: 2'),
    Buffer.from('{}'),
  ]);
  const read = readPlainHead(data);
  t.like(read, { method: 'POST', path: '/api/v1/pods', query: 'limit=5', headBytes: data.length - 2 });
  t.deepEqual(read?.fields.headers, { host: 'a', 'content-type': 'application/json', 'content-length': '2' });
  t.is(read?.fields.bodyBytes, 2);
});

test('fields that a connection repeats are read once', (t) => {
  const first = readPlainHead(head('GET /a HTTP/1.1', 'Host: a'));
  t.is(readPlainHead(head('GET /b HTTP/1.1', 'Host: a'), first?.fields)?.fields, first?.fields);
  t.not(readPlainHead(head('GET /b HTTP/1.1', 'Host: b'), first?.fields)?.fields, first?.fields);
});

test('fields that go on after those of the last request are read again', (t) => {
  const first = readPlainHead(head('GET /a HTTP/1.1', 'Host: a'));
  t.deepEqual(readPlainHead(head('GET /b HTTP/1.1', 'Host: a', 'Accept: b'), first?.fields)?.fields.headers, {
    host: 'a',
    accept: 'b',
  });
  t.is(readPlainHead(Buffer.from('GET /b HTTP/1.1\r\nHost: a\r\n'), first?.fields), undefined);
});

const others: Readonly<Record<string, Buffer>> = {
  'an unfinished head': Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n'),
  'no host': head('GET / HTTP/1.1'),
  'an old version': head('GET / HTTP/1.0', 'Host: a'),
  'a method without an ordinary answer': head('HEAD / HTTP/1.1', 'Host: a'),
  'an absolute target': head('GET http://a/ HTTP/1.1', 'Host: a'),
  'a target with a space': head('GET /a b HTTP/1.1', 'Host: a'),
  'a target outside ASCII': head('GET /\xe9 HTTP/1.1', 'Host: a'),
  'a repeated field': head('GET / HTTP/1.1', 'Host: a', 'Accept: b', 'accept: c'),
  'two lengths': head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'),
  'a length that is no number': head('POST / HTTP/1.1', 'Host: a', 'Content-Length: +1'),
  'a length in a list': head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1, 1'),
  'a chunked body': head('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
  'a chunked body with a length': head('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 3'),
  'a folded field': head('GET / HTTP/1.1', 'Host: a', 'Accept: b', ' c'),
  'a space before the colon': head('GET / HTTP/1.1', 'Host : a'),
  'a field without a colon': head('GET / HTTP/1.1', 'Host: a', 'Accept'),
  'a bare line feed in a field': head('GET / HTTP/1.1', 'Host: a\nAccept: b'),
  'a bare carriage return in a field': head('GET / HTTP/1.1', 'Host: a\rAccept: b'),
  'a zero byte in a field': head('GET / HTTP/1.1', 'Host: a\0'),
  'a name of every object': head('GET / HTTP/1.1', 'Host: a', '__proto__: b'),
  'an upgrade': head('GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'),
  'an end of the connection': head('GET / HTTP/1.1', 'Host: a', 'Connection: close'),
  'an expectation': head('POST / HTTP/1.1', 'Host: a', 'Expect: 100-continue', 'Content-Length: 3'),
  'empty lines before the request': Buffer.concat([Buffer.from('\r\n'), head('GET / HTTP/1.1', 'Host: a')]),
};

for (const [what, data] of Object.entries(others)) {
  test(`left to Node's parser: ${what}`, (t) => {
    t.is(readPlainHead(data), undefined);
  });
}

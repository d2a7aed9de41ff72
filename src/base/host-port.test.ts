import test from 'ava';
import { bareHost, joinHostPort, splitHostPort, urlHost } from './host-port.ts';

test('only an address of IPv6 stands in brackets before its port', (t) => {
  t.is(joinHostPort('192.0.2.1', 80), '192.0.2.1:80');
  t.is(joinHostPort('fd00::1', 80), '[fd00::1]:80');
  t.is(joinHostPort('localhost', '443'), 'localhost:443');
  t.is(urlHost('fd00::1'), '[fd00::1]');
  for (const host of ['192.0.2.1', 'fd00::1', 'localhost', '']) t.is(bareHost(urlHost(host)), host);
});

test('host and port are told apart, whatever the family', (t) => {
  t.deepEqual(splitHostPort('127.0.0.1:10249'), { host: '127.0.0.1', port: 10_249 });
  t.deepEqual(splitHostPort('[::1]:80'), { host: '::1', port: 80 });
  for (const text of ['', '10.0.0.1', '::1:80', '10.0.0.1:port', '10.0.0.1:70000', '[::1]'])
    t.is(splitHostPort(text), undefined, text);
});

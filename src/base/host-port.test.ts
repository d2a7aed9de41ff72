import test from 'ava';
import { joinHostPort, urlHost } from './host-port.ts';

test('only an address of IPv6 stands in brackets before its port', (t) => {
  t.is(joinHostPort('192.0.2.1', 80), '192.0.2.1:80');
  t.is(joinHostPort('fd00::1', 80), '[fd00::1]:80');
  t.is(joinHostPort('localhost', '443'), 'localhost:443');
  t.is(urlHost('fd00::1'), '[fd00::1]');
});

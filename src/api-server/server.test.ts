import test from 'ava';
import { urlOf } from './server.ts';

test('a server that listens everywhere names the address that others reach, any other the one it listens on', (t) => {
  for (const [host, everywhere, url] of [
    ['0.0.0.0', '10.0.0.1', 'https://10.0.0.1:6443'],
    ['::', '127.0.0.1', 'https://127.0.0.1:6443'],
    ['::', 'fd00::1', 'https://[fd00::1]:6443'],
    ['192.0.2.1', '10.0.0.1', 'https://192.0.2.1:6443'],
  ] as const)
    t.is(urlOf({ host, everywhere }, 6443), url);
});

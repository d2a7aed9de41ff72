import fc from 'fast-check';
import test from 'ava';
import { requestHeaders } from './forwarded-headers.ts';
import { requestTarget } from './request-target.ts';

const of = (url: string, host = 'a.example', authority?: string): ReturnType<typeof requestTarget> =>
  requestTarget({ method: 'GET', url, hosts: [host], ...(authority === undefined ? {} : { authority }) });

test('a target has a host without port and case, and a path without query', (t) => {
  t.deepEqual(of('/x?y=/../z', 'A.Example:8080'), {
    authority: 'A.Example:8080',
    host: 'a.example',
    path: '/x',
    url: '/x?y=/../z',
  });
  t.like(of('/', 'a.example.'), { host: 'a.example' });
  t.like(of('/', '[2001:DB8::1]:80'), { host: '[2001:db8::1]' });
  t.like(of('HTTP://Other.example?q'), { host: 'other.example', path: '/', url: '/?q' });
  t.like(of('/', 'a.example', 'A.example'), { authority: 'A.example' });
  t.like(requestTarget({ method: 'OPTIONS', url: '*', hosts: ['a.example'] }), { path: '/', url: '*' });
  for (const path of ['/...', '/a..b', '/.well-known/x', '/a/..b', '/%2e%2ex']) t.like(of(path), { path }, path);
});

test('targets that can be read in two ways are refused', (t) => {
  for (const path of ['/..', '/.', '/a/../b', '/a/./b', '/%2e%2E/b', '/.%2e', '/a\\..\\b', 'x', '*', '/a#b'])
    t.true('refused' in of(path), path);
  for (const host of ['a.example/x', 'user@a.example', 'a b', 'a.example:http', 'a.example:123456'])
    t.true('refused' in of('/', host), host);
  t.true('refused' in requestTarget({ method: 'GET', url: '/', hosts: ['a', 'b'] }));
  t.true('refused' in of('/', 'a.example', 'b.example'));
});

test("property: whatever a client says, the fields of proxies that a pod sees are the proxy's own, once each", (t) => {
  const separator = fc.constantFrom('-', '_');
  const claimed = fc
    .tuple(
      fc.constantFrom('x', 'X'),
      separator,
      fc.constantFrom('forwarded', 'FORWARDED', 'Forwarded'),
      separator,
      fc.constantFrom('for', 'Proto', 'HOST', 'port', 'prefix'),
    )
    .map((parts) => parts.join(''));
  const name = fc.oneof(
    claimed,
    fc.constantFrom(
      'Forwarded',
      'X-Real-IP',
      'x_real_ip',
      'Host',
      'Connection',
      'Transfer-Encoding',
      'Upgrade',
      'Accept',
      'X-Other',
    ),
  );
  const client = { address: '192.0.2.7', scheme: 'https', port: 443, authority: 'a.example' } as const;
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.constantFrom('evil', 'x-forwarded-for', 'accept'))), (fields) => {
      const headers = requestHeaders(fields.flat(), client);
      const proxys = headers.flatMap((text, i) =>
        i % 2 === 0 && /^(x[-_]forwarded|x[-_]real|forwarded|host|connection|transfer|upgrade)/i.test(text)
          ? [`${text}: ${headers[i + 1]}`]
          : [],
      );
      return (
        proxys.join() ===
        [
          'Host: a.example',
          'X-Forwarded-For: 192.0.2.7',
          'X-Forwarded-Proto: https',
          'X-Forwarded-Host: a.example',
          'X-Forwarded-Port: 443',
          'X-Real-IP: 192.0.2.7',
        ].join()
      );
    }),
  );
  t.pass();
});

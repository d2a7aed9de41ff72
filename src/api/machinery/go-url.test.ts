import test from 'ava';
import { parseGoUrl } from './index.ts';

const problems: readonly (readonly [text: string, problem: string])[] = [
  ['', 'empty url'],
  ['path', 'invalid URI for request'],
  [':a', 'missing protocol scheme'],
  ['https://[::1', "missing ']' in host"],
  ['https://a:b/', 'invalid port ":b" after host'],
  ['https://a b/', 'invalid character " " in host name'],
  ['https://a/%zz', 'invalid URL escape "%zz"'],
  ['https://a/#%', 'invalid URL escape "%"'],
  ['https://u v@a/', 'net/url: invalid userinfo'],
  ['https://a/\n', 'net/url: invalid control character in URL'],
];
for (const [text, problem] of problems)
  test(`${JSON.stringify(text)} is no URL to ask for`, (t) => {
    t.is(parseGoUrl(text, { request: true }), `parse ${JSON.stringify(text)}: ${problem}`);
  });

test('the parts of a URL are those that Go sees', (t) => {
  t.deepEqual(parseGoUrl('HTTPS://u:p@[::1]:80/a b?x=%#f', { request: true }), {
    scheme: 'https',
    user: 'u:p',
    host: '[::1]:80',
    escapedPath: '/a%20b',
    query: 'x=%',
    fragment: 'f',
  });
  t.like(parseGoUrl('mailto:joe', { request: true }), { scheme: 'mailto', host: '', escapedPath: '' });
  t.like(parseGoUrl('//host/p', { request: true }), { host: 'host', escapedPath: '/p' });
  t.like(parseGoUrl('', { request: false }), { scheme: '', host: '' });
  t.is(parseGoUrl('a:b/c d', { request: false }) instanceof Object, true);
  t.is(parseGoUrl('1:b', { request: false }), 'parse "1:b": first path segment in URL cannot contain colon');
});

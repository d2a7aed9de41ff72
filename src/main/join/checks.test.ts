import test from 'ava';
import { clockSkewProblem, JoinProblem, parseCaHash, parseEndpoint, parseToken, versionSkewProblem } from './checks.ts';

test('what an operator types is checked before anything is called', (t) => {
  t.deepEqual(parseEndpoint('192.0.2.1'), { host: '192.0.2.1', port: 6443 });
  t.deepEqual(parseEndpoint('fd00:77::11'), { host: 'fd00:77::11', port: 6443 });
  t.deepEqual(parseEndpoint('https://[fd00:77::11]:7443'), { host: 'fd00:77::11', port: 7443 });
  t.deepEqual(parseEndpoint('https://member.example.com:7443/'), { host: 'member.example.com', port: 7443 });
  for (const wrong of ['', ':6443', 'a:b', '192.0.2.1:99999', 'a:1:2'])
    t.throws(() => parseEndpoint(wrong), { instanceOf: JoinProblem, message: /expected HOST:PORT/ }, wrong);
  for (const wrong of ['abc', 'abcdef.short', 'ABCDEF.0123456789abcdef'])
    t.throws(() => parseToken(wrong), { instanceOf: JoinProblem, message: /troupe token create/ }, wrong);
  for (const wrong of ['', 'sha256:12', `md5:${'0'.repeat(64)}`])
    t.throws(() => parseCaHash(wrong), { instanceOf: JoinProblem, message: /--ca-hash/ }, wrong);
});

test('clocks that are minutes apart are named, with the direction', (t) => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  t.is(clockSkewProblem('Thu, 01 Jan 2026 12:03:00 GMT', now), undefined);
  t.regex(
    clockSkewProblem('Thu, 01 Jan 2026 12:06:00 GMT', now) ?? '',
    /^the clock of this machine is 360 s behind the member's.*set it \(`timedatectl/,
  );
  t.regex(clockSkewProblem('Thu, 01 Jan 2026 11:00:00 GMT', now) ?? '', /3600 s ahead of/);
  t.is(clockSkewProblem(undefined, now), undefined);
});

test('one minor version between the cluster and a machine is fine, two are not', (t) => {
  t.is(versionSkewProblem('0.1.0', '0.2.5'), undefined);
  t.is(versionSkewProblem('1.4.0', '1.3.9'), undefined);
  t.regex(
    versionSkewProblem('0.3.0', '0.1.0') ?? '',
    /the cluster runs version 0\.3\.0 and this machine version 0\.1\.0; .*install one that is close to 0\.3\.0/,
  );
  t.regex(versionSkewProblem('2.0.0', '1.9.0') ?? '', /2\.0\.0/);
  t.is(versionSkewProblem('from-source', '0.9.0'), undefined);
});

import test from 'ava';
import type { ApiHttpRequest } from '../request.ts';
import { FakeView } from '../testing/index.ts';
import { anonymousUser, type AuthenticationPorts, createAuthenticator } from './authentication.ts';
import { Withdrawals } from './withdrawals.ts';

const request = (path: string): ApiHttpRequest => ({
  method: 'GET',
  path,
  query: '',
  headers: {},
  body: new Uint8Array(),
});

/** What becomes of a request without credentials. */
async function outcome(path: string, anonymousPaths?: readonly string[]): Promise<string> {
  const authenticate = createAuthenticator({
    anonymousPaths,
    view: new FakeView(),
    withdrawals: new Withdrawals(),
  } as Partial<AuthenticationPorts> as AuthenticationPorts);
  try {
    return (await authenticate(request(path))).name;
  } catch (error) {
    return (error as Error).message;
  }
}

const paths = ['/livez', '/troupe/*'];

for (const [what, path, allowed, result] of [
  ['any path where nothing is said', '/api/v1/pods', undefined, anonymousUser.name],
  ['a path that is named', '/livez', paths, anonymousUser.name],
  ['a path below one that is named', '/troupe/app.js', paths, anonymousUser.name],
  ['another path', '/api/v1/pods', paths, 'Unauthorized'],
  ['a path that only begins like one', '/livez/log', paths, 'Unauthorized'],
  ['a way out of a path', '/troupe/../api/v1/pods', paths, 'Unauthorized'],
  ['any path where it is off', '/livez', [], 'Unauthorized'],
] as const) {
  test(`without credentials, ${what}: ${result}`, async (t) => {
    t.is(await outcome(path, allowed), result);
  });
}

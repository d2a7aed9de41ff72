import test from 'ava';
import type { Store } from '../state/index.ts';
import { postReview, type WebhookCall } from './webhook-client.ts';

const json = 'application/json';
const failure = (message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: 500 });

const answers: readonly (readonly [status: number, body: string, type: string | undefined, said: string])[] = [
  [200, '', json, '0-length response with status code: 200 and content type: application/json'],
  [200, '', undefined, '0-length response with status code: 200 and content type: application/json'],
  [200, '{', json, "couldn't get version/kind; json parse error: unexpected end of JSON input"],
  [
    200,
    '<p>',
    json,
    "couldn't get version/kind; json parse error: invalid character '<' looking for beginning of value",
  ],
  [302, '', json, 'the server responded with the status code 302 but did not return more information'],
  [400, '', json, 'the server rejected our request for an unknown reason'],
  [401, '', json, 'the server has asked for the client to provide credentials'],
  [403, 'go away\n', 'text/plain', 'go away'],
  [403, 'go away', json, 'unknown'],
  [404, '', json, 'the server could not find the requested resource'],
  [405, '', json, 'the server does not allow this method on the requested resource'],
  [406, '', json, 'the server was unable to respond with a content type that the client supports'],
  [409, '', json, 'the server reported a conflict'],
  [415, 'no', 'text/plain', 'no'],
  [422, '', json, 'the server rejected our request due to an error in our request'],
  [429, '', json, 'the server has received too many requests and has asked us to try again later'],
  [
    500,
    'boom\n',
    'text/plain; charset=utf-8',
    'an error on the server ("boom") has prevented the request from succeeding',
  ],
  [500, 'boom', undefined, 'an error on the server ("boom") has prevented the request from succeeding'],
  [500, 'boom', json, 'an error on the server ("unknown") has prevented the request from succeeding'],
  [500, failure('my disk is full'), json, 'my disk is full'],
  [503, '', json, 'the server is currently unable to handle the request'],
  [
    504,
    '',
    json,
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
];

for (const [status, body, contentType, said] of answers) {
  const title = `an answer of ${status} with '${body.slice(0, 9).trim()}' (${contentType ?? 'no type'})`;
  test(`${title} is told as client-go tells it`, async (t) => {
    const call = (): ReturnType<WebhookCall> =>
      Promise.resolve({
        status,
        body: new TextEncoder().encode(body),
        contentType,
      });
    await t.throwsAsync(
      postReview(
        call,
        { clientConfig: { url: 'https://h.example.com/' }, timeoutSeconds: 1 },
        { store: {} as Store, body: new Uint8Array() },
      ),
      { message: said },
    );
  });
}

import test from 'ava';
import { inexactText } from '../../api/index.ts';
import { encode } from '../../bus/index.ts';
import { MalformedRequest, parseApiRequest } from './api-request-parsing.ts';

const place = { verb: 'create', version: 'v1', resource: 'pods', namespace: 'default' };
const json = (digits: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ ...place, body: { spec: { n: 0 } } }).replace(':0}', `:${digits}}`));
const msgpack = (digits: string): Uint8Array => encode({ ...place, body: { spec: { n: BigInt(digits) } } });

test('a whole number that would be rounded is refused in either encoding', (t) => {
  for (const lost of ['9007199254740993', '-9223372036854775807'])
    for (const [encoding, payload] of [
      ['json', json(lost)],
      ['msgpack', msgpack(lost)],
    ] as const)
      t.throws(() => parseApiRequest(payload, encoding, {}), {
        instanceOf: MalformedRequest,
        message: inexactText(lost),
      });
});

test('other whole numbers are carried, and texts of digits', (t) => {
  for (const kept of ['9007199254740991', '9007199254740992', '1000000000000000000', '-5'])
    for (const [encoding, payload] of [
      ['json', json(kept)],
      ['msgpack', msgpack(kept)],
    ] as const) {
      const { request } = parseApiRequest(payload, encoding, {});
      t.is(new TextDecoder().decode(request.body), `{"spec":{"n":${kept}}}`);
    }
  const { request } = parseApiRequest(json('"9007199254740993"'), 'json', {});
  t.is(new TextDecoder().decode(request.body), '{"spec":{"n":"9007199254740993"}}');
});

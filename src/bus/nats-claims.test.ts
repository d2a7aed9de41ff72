import test from 'ava';
import { nkeys } from '@nats-io/transport-node';
import { createNatsIssuer, makeIssuerSeed } from './nats-claims.ts';

const encoder = new TextEncoder();

test('what an issuer answers bears the signature of its seed, as the library of NATS reads it', (t) => {
  const request = { serverId: 'N', userKey: 'U', token: undefined, clientName: 'c' };
  // Seeds whose numbers begin with zeros are as long as others.
  for (let i = 0; i < 20; i++) {
    const seed = makeIssuerSeed();
    const issuer = createNatsIssuer(seed);
    t.is(issuer.publicKey, nkeys.fromSeed(encoder.encode(seed)).getPublicKey());
    const refused = Buffer.from(issuer.refuse(request, 'no', 1_000)).toString();
    const [head = '', claims = '', signature = ''] = refused.split('.');
    const signed = encoder.encode(`${head}.${claims}`);
    t.true(nkeys.fromPublic(issuer.publicKey).verify(signed, Buffer.from(signature, 'base64url')));
    t.like(JSON.parse(Buffer.from(claims, 'base64url').toString()), { iss: issuer.publicKey, nats: { error: 'no' } });
  }
});

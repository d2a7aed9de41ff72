import { X509Certificate } from 'node:crypto';
import test from 'ava';
import type { KubeObject } from '../../../api/index.ts';
import { bodyJson, type DoorHarness, startDoor } from '../../testing/index.ts';
import { certificateToken, certificateTokenUser, isCertificateToken } from '../certificates/certificate-token.ts';
import { joinedPair, otherAuthority } from '../certificates/certificates.fixture.ts';
import { removedNode, removedNodes } from '../certificates/removed-nodes.ts';

const token = 'abcdef.0123456789abcdef';

function putToken(door: DoorHarness, data: Readonly<Record<string, string>>): void {
  const all: Record<string, string> = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': 'system:bootstrappers:troupe:nodes,system:masters',
    ...data,
  };
  const encoded = Object.fromEntries(
    Object.entries(all).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  door.view.put('', 'secrets', {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: encoded,
  } as KubeObject);
}

async function whoIs(door: DoorHarness, user: string): Promise<unknown> {
  const review = await door.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    body: { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token: user } },
  });
  return bodyJson(review)['status'];
}

test('a bootstrap token is a user of the groups that its Secret may add', async (t) => {
  const door = startDoor();
  putToken(door, {});
  t.like(await whoIs(door, token), {
    authenticated: true,
    user: {
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:troupe:nodes', 'system:authenticated'],
    },
  });
});

test('a bad bootstrap token is refused; only those who know its secret learn why', async (t) => {
  const door = startDoor();
  const ask = async (shown: string): Promise<unknown> =>
    bodyJson(await door.ask('GET', '/api/v1/nodes', { user: shown }))['message'];
  t.is(await ask(token), 'Unauthorized');
  putToken(door, { expiration: new Date(door.time.clock.now() - 1_000).toISOString() });
  t.is(await ask(token), 'the bootstrap token has expired');
  t.is(await ask('abcdef.ffffffffffffffff'), 'Unauthorized');
  putToken(door, { expiration: 'tomorrow' });
  t.is(await ask(token), 'the bootstrap token has expired');
  putToken(door, { 'usage-bootstrap-authentication': 'false' });
  t.is(await ask(token), 'the bootstrap token is not for authentication');
});

test('the key of a client certificate signs a token that holds for its cluster and some minutes', (t) => {
  const door = startDoor();
  const now = joinedPair.issuedAt + 60_000;
  const at = (ms: number) => ({
    view: door.view,
    clock: { now: () => ms, monotonic: () => ms },
    clientCa: () => joinedPair.ca,
    cluster: 'test',
  });
  const made = certificateToken(joinedPair, 'test', now);
  t.true(isCertificateToken(made));
  t.like(certificateTokenUser(at(now), made), { name: 'system:node:n1', groups: ['system:nodes'] });
  t.is(certificateTokenUser(at(now + 11 * 60_000), made), undefined, 'too old');
  t.is(certificateTokenUser(at(now - 6 * 60_000), made), undefined, 'from the future');
  t.is(certificateTokenUser({ ...at(now), cluster: 'other' }, made), undefined, 'for another cluster');
  t.is(certificateTokenUser({ ...at(now), clientCa: () => otherAuthority }, made), undefined, 'of another authority');
  const both = (): string => `${otherAuthority}${joinedPair.ca}`;
  t.like(certificateTokenUser({ ...at(now), clientCa: both }, made), { name: 'system:node:n1' }, 'of one of two');
  const [head = '', body = '', signature = ''] = made.split('.');
  const longer = Buffer.from(
    JSON.stringify({ ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), exp: now }),
  ).toString('base64url');
  t.is(certificateTokenUser(at(now), `${head}.${longer}.${signature}`), undefined, 'changed');
  t.is(certificateTokenUser(at(now), `${head}.${body}.`), undefined, 'not signed');
});

test("a token that carries the cluster's own authority is refused, though that has no extended key usage", (t) => {
  const now = joinedPair.issuedAt + 60_000;
  const [, body = ''] = certificateToken(joinedPair, 'test', now).split('.');
  const authority = new X509Certificate(joinedPair.ca).raw.toString('base64');
  const head = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'ES256', x5c: [authority] })).toString('base64url');
  const ports = { view: startDoor().view, clock: { now: () => now, monotonic: () => now }, cluster: 'test' };
  t.is(certificateTokenUser({ ...ports, clientCa: () => joinedPair.ca }, `${head}.${body}.AAAA`), undefined);
});

test('what was issued to a node before it was removed is refused, what comes after is not', (t) => {
  const door = startDoor();
  const removedAt = joinedPair.issuedAt + 30_000;
  door.view.put('', 'configmaps', {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: removedNodes,
    data: { n1: new Date(removedAt).toISOString() },
  } as unknown as KubeObject);
  const minutes = 60_000;
  t.true(removedNode(door.view, 'system:node:n1', removedAt - 6 * minutes));
  t.false(removedNode(door.view, 'system:node:n1', removedAt - 4 * minutes), 'certificates begin five minutes back');
  t.false(removedNode(door.view, 'system:node:n2', 0));
  const ports = {
    view: door.view,
    clock: { now: () => removedAt, monotonic: () => 0 },
    clientCa: () => joinedPair.ca,
    cluster: 'test',
  };
  t.is(certificateTokenUser(ports, certificateToken(joinedPair, 'test', removedAt)), undefined);
});

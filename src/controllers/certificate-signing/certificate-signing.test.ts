import test from 'ava';
import { type CertificateSigningRequest, parseCertificationRequest, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { certificationRequests } from './requests.fixture.ts';
import { certificateApprover } from './approver.ts';
import { certificateSigningController, type SigningOrder } from './controller.ts';
import { approvalOf, awaitsSigner, decisionOf, endOfRequest, isUndecided } from './reconcile.ts';
import { certificateSeconds, signingProblem } from './signers.ts';

const clientUsages = ['digital signature', 'client auth'];
const servingUsages = ['digital signature', 'server auth'];
type Name = keyof typeof certificationRequests;

test('each signer signs what is meant for it and says why it does not', (t) => {
  const rows: readonly (readonly [string, Name, readonly string[], string | undefined])[] = [
    ['kube-apiserver-client', 'client', ['client auth'], undefined],
    ['kube-apiserver-client', 'client', servingUsages, 'invalid usage for client certificate: server auth'],
    [
      'kube-apiserver-client',
      'client',
      ['digital signature'],
      'missing required usage for client certificate: client auth',
    ],
    [
      'kube-apiserver-client-kubelet',
      'node',
      ['client auth'],
      'usages did not match [client auth digital signature key encipherment]',
    ],
    ['kube-apiserver-client-kubelet', 'node', clientUsages, undefined],
    ['kube-apiserver-client-kubelet', 'client', clientUsages, 'subject organization is not system:nodes'],
    ['kube-apiserver-client-kubelet', 'serving', clientUsages, 'DNS subjectAltNames are not allowed'],
    ['kubelet-serving', 'node', servingUsages, 'DNS or IP subjectAltName is required'],
    ['kubelet-serving', 'serving', servingUsages, 'Email subjectAltNames are not allowed'],
  ];
  for (const [signer, name, usages, problem] of rows) {
    const spec = { request: certificationRequests[name], signerName: `kubernetes.io/${signer}`, usages };
    t.is(signingProblem(spec, parseCertificationRequest(spec.request)), problem, `${signer} ${name}`);
  }
  t.is(certificateSeconds(600), 600);
  t.is(certificateSeconds(undefined), 365 * 24 * 60 * 60);
});

const requestOf = (name: Name, more: object = {}, conditions: readonly string[] = []): object => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'r' },
  spec: {
    request: certificationRequests[name],
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: clientUsages,
    username: 'system:node:n1',
    groups: ['system:nodes'],
    ...more,
  },
  status: { conditions: conditions.map((type) => ({ type, status: 'True', lastUpdateTime: '2026-01-01T00:00:00Z' })) },
});

async function after(
  made: object,
  controllers: Parameters<typeof certificateSigningController>[0],
): Promise<CertificateSigningRequest | undefined> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [certificateSigningController(controllers)]);
  await cluster.make(resources.certificateSigningRequests, made as never);
  await harness.settle();
  return cluster.view.get<CertificateSigningRequest>(resources.certificateSigningRequests, undefined, 'r');
}

const certificate = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';

test('approved requests get their certificate; others, and those of foreign signers, wait', async (t) => {
  const orders: SigningOrder[] = [];
  const sign = (order: SigningOrder): Promise<string> => {
    orders.push(order);
    return Promise.resolve(certificate);
  };
  t.is((await after(requestOf('node', {}, ['Approved']), sign))?.status?.certificate, btoa(certificate));
  t.like(orders[0], {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: clientUsages,
    seconds: 365 * 24 * 60 * 60,
  });
  t.regex(orders[0]?.request ?? '', /^-----BEGIN CERTIFICATE REQUEST/);
  t.is((await after(requestOf('node'), sign))?.status?.certificate, undefined);
  t.is(
    (await after(requestOf('node', { signerName: 'example.com/own' }, ['Approved']), sign))?.status?.certificate,
    undefined,
  );
  t.is(orders.length, 1);
});

test('a request that cannot be signed fails and says why', async (t) => {
  const failed = (request: CertificateSigningRequest | undefined): unknown =>
    request?.status?.conditions?.find(({ type }) => type === 'Failed')?.message;
  t.is(
    failed(await after(requestOf('client', {}, ['Approved']), () => Promise.resolve('PEM'))),
    'subject organization is not system:nodes',
  );
  t.is(
    failed(
      await after(requestOf('node', {}, ['Approved']), () => Promise.reject(new Error('not signed by its own key'))),
    ),
    'not signed by its own key',
  );
});

test('certificates of nodes are approved for those who may have them', async (t) => {
  const asked = parseCertificationRequest(certificationRequests.node);
  const spec = (requestOf('node') as CertificateSigningRequest).spec;
  t.regex(approvalOf(spec, asked, (_who, what) => what === 'selfnodeclient') ?? '', /self kubelet/);
  t.regex(
    approvalOf({ ...spec, username: 'boot' }, asked, (_who, what) => what === 'nodeclient') ?? '',
    /^Auto approving kubelet/,
  );
  t.is(
    approvalOf({ ...spec, username: 'boot' }, asked, (_who, what) => what === 'selfnodeclient'),
    undefined,
  );
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [certificateApprover(() => false)]);
  await cluster.make(resources.certificateSigningRequests, requestOf('node') as never);
  await harness.settle();
  t.deepEqual(
    cluster.view.get<CertificateSigningRequest>(resources.certificateSigningRequests, undefined, 'r')?.status
      ?.conditions,
    [],
  );
});

test('whoever joins does not become a node that is in the cluster already; a node renews its own', (t) => {
  const asked = parseCertificationRequest(certificationRequests.node);
  const { spec } = requestOf('node') as CertificateSigningRequest;
  const ports = { may: () => true, nodeExists: (name: string) => name === 'n1' };
  t.like(decisionOf({ ...spec, username: 'system:bootstrap:abcdef' }, asked, ports), {
    type: 'Denied',
    reason: 'NodeExists',
  });
  t.like(decisionOf({ ...spec, username: 'system:bootstrap:abcdef' }, asked, { ...ports, nodeExists: () => false }), {
    type: 'Approved',
  });
  t.like(decisionOf({ ...spec, username: 'system:node:n1' }, asked, ports), { type: 'Approved' });
});

test('requests go an hour after their decision, or a day after they were made', (t) => {
  const at = (text: string): number => Date.parse(text);
  t.is(endOfRequest(requestOf('node', {}, ['Approved']) as CertificateSigningRequest), at('2026-01-01T01:00:00Z'));
  t.is(
    endOfRequest({
      ...requestOf('node'),
      metadata: { name: 'r', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
    } as CertificateSigningRequest),
    at('2026-01-02T00:00:00Z'),
  );
});

test('a request is decided once, and signed once it is approved', (t) => {
  const rows: readonly (readonly [readonly string[], boolean, boolean])[] = [
    [[], true, false],
    [['Approved'], false, true],
    [['Approved', 'Denied'], false, false],
    [['Approved', 'Failed'], false, false],
    [['Denied'], false, false],
  ];
  for (const [conditions, undecided, awaits] of rows) {
    const request = requestOf('node', {}, conditions) as CertificateSigningRequest;
    t.is(isUndecided(request), undecided, conditions.join());
    t.is(awaitsSigner(request), awaits, conditions.join());
    const signed = { ...request, status: { ...request.status, certificate: 'PEM' } };
    t.false(isUndecided(signed) || awaitsSigner(signed));
  }
});

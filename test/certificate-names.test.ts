import test from 'ava';
import { certificateError } from '../src/api-server/auth/index.ts';
import { makeRequest } from '../src/main/keys/certificate-authority.ts';
import type { AdmissionRequest } from '../src/resources/index.ts';

const client = 'kubernetes.io/kube-apiserver-client';
const info = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' };

/** Why a request for that subject is refused when it is made; undefined: it is not. */
async function refusal(subject: string, signerName: string): Promise<string | undefined> {
  const { request } = await makeRequest(subject);
  const asked = {
    operation: 'CREATE',
    subresource: '',
    name: 'r',
    info,
    user: { name: 'u', groups: [] },
    object: { metadata: { name: 'r' }, spec: { signerName, request: Buffer.from(request).toString('base64') } },
  } as Partial<Readonly<Record<keyof AdmissionRequest, unknown>>> as AdmissionRequest;
  return (await certificateError(() => ({ allowed: true, reason: '' }), asked))?.message;
}

const refused = (what: string, signer = client): RegExp =>
  new RegExp(`^certificatesigningrequests.*forbidden: use of ${signer} signer with ${what} is not allowed$`);

for (const [subject, signer, message] of [
  ['CN=jane, O=dev', client, undefined],
  ['CN=systemic, O=system', client, undefined],
  ['CN=jane, O=system:masters', client, refused('system:masters group')],
  [
    'CN=jane, O=system:masters',
    'kubernetes.io/legacy-unknown',
    refused('system:masters group', 'kubernetes.io/legacy-unknown'),
  ],
  ['CN=jane, O=dev, O=system:nodes', client, refused('system:nodes group')],
  ['CN=jane, O=system:serviceaccounts:kube-system', client, refused('system:serviceaccounts:kube-system group')],
  ['CN=system:node:n1', client, refused('the name system:node:n1')],
  ['CN=system:serviceaccount:kube-system:job-controller', client, refused('the name system:serviceaccount:.*')],
  ['CN=system:kube-scheduler', client, refused('the name system:kube-scheduler')],
  ['CN=troupe:member', client, refused('the name troupe:member')],
  ['CN=system:node:n1, O=system:nodes', 'kubernetes.io/kube-apiserver-client-kubelet', undefined],
  ['CN=system:node:n1, O=system:nodes', 'example.com/other', undefined],
] as const)
  test(`a certificate for ${subject} by ${signer}`, async (t) => {
    const said = await refusal(subject, signer);
    if (message === undefined) t.is(said, undefined);
    else t.regex(said ?? 'not refused', message);
  });

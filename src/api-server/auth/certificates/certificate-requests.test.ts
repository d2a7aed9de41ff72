import test from 'ava';
import { type AdmissionRequest, type Requester } from '../../../resources/index.ts';
import type { Authorizer } from '../attributes.ts';
import { certificateError } from './certificate-requests.ts';

const info = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
} as never;
const user: Requester = { name: 'u', groups: [] };
const stored = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'r' },
  spec: { signerName: 'example.com/s' },
  status: {},
};
const may =
  (...rights: readonly string[]): Authorizer =>
  ({ verb, resource, name }) => ({ allowed: rights.includes(`${verb} ${resource} ${name}`), reason: '' });

async function said(subresource: string, object: object, authorize: Authorizer): Promise<string | undefined> {
  const request: AdmissionRequest = {
    operation: 'UPDATE',
    info,
    subresource,
    namespace: undefined,
    name: 'r',
    object: object as never,
    old: stored,
    user,
    dryRun: false,
    warn: () => undefined,
  };
  return (await certificateError(authorize, request))?.message;
}

test('approving and signing need the right to do so for the signer, or for its domain', async (t) => {
  const issued = { ...stored, status: { certificate: 'x' } };
  const refused = (what: string): string =>
    'certificatesigningrequests.certificates.k8s.io "r" is forbidden: ' +
    `user not permitted to ${what} requests with signerName "example.com/s"`;
  const rows: readonly (readonly [string, object, Authorizer, string | undefined])[] = [
    ['approval', stored, may(), refused('approve')],
    ['approval', stored, may('approve signers example.com/s'), undefined],
    ['approval', stored, may('approve signers example.com/*'), undefined],
    ['status', issued, may('approve signers example.com/s'), refused('sign')],
    ['status', issued, may('sign signers example.com/*'), undefined],
    ['status', stored, may(), undefined],
    ['', stored, may(), undefined],
  ];
  for (const [subresource, object, authorize, message] of rows)
    t.is(await said(subresource, object, authorize), message);
});

/** Prepares and validates a new CertificateSigningRequest. */

import {
  byteLength,
  dns1123Label,
  dns1123Subdomain,
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  verbatim,
} from '../../machinery/index.ts';
import { definedMembers, type JsonObject, type KubeObject } from '../../object.ts';
import type { CertificateSigningRequest, Sent } from '../../objects/index.ts';
import type { Requester } from '../behaviour.ts';
import { each } from '../checks.ts';
import { pemBlocksOf } from '../core/index.ts';
import { parseCertificationRequest, requestBlock } from './certification-request.ts';

const requestOf = (object: object): Sent<CertificateSigningRequest> => object as Sent<CertificateSigningRequest>;

const expirySecondsMin = 600;
const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** The spec names the user who sends the request, whatever the body claims. */
export function prepareForCreate(object: JsonObject, requester?: Requester): void {
  const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = requestOf(object).spec ?? {};
  object['status'] = {};
  object['spec'] =
    requester === undefined
      ? spec
      : definedMembers({
          ...spec,
          username: requester.name,
          uid: requester.uid === '' ? undefined : requester.uid,
          groups: requester.groups.length === 0 ? undefined : [...requester.groups],
          extra: Object.keys(requester.extra ?? {}).length === 0 ? undefined : requester.extra,
        });
}

const domainBytesMax = 253;
/** A domain, a slash, and room for a subdomain, a dot and a label. */
const signerNameBytesMax = domainBytesMax + 1 + 253 + 1 + 63;

/** The errors of the first part between dots that has any. */
function partErrors(path: string, name: string, check: (part: string) => readonly string[]): FieldError[] {
  const wrong = name.split('.').find((part) => check(part).length > 0);
  if (wrong === undefined) return [];
  return check(wrong).map((message) => invalid(path, name, `validating label ${JSON.stringify(wrong)}: ${message}`));
}

/** `example.com/name`: a domain of at least two parts, and a path. */
function signerNameErrors(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', signer = '', ...rest] = name.split('/');
  if (!name.includes('/') || rest.length > 0)
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors = byteLength(domain) > domainBytesMax ? [tooLong(path, domain, domainBytesMax)] : [];
  errors.push(...partErrors(path, domain, dns1123Label));
  if (!domain.includes('.'))
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  errors.push(...partErrors(path, signer, dns1123Subdomain));
  if (byteLength(name) > signerNameBytesMax) errors.push(tooLong(path, name, signerNameBytesMax));
  return errors;
}

function requestErrors(request: string): FieldError[] {
  const refused = (detail: string): FieldError[] => [invalid('spec.request', verbatim(`[]byte{${request}}`), detail)];
  if (pemBlocksOf(request)[0]?.type !== requestBlock) return refused(`PEM block type must be ${requestBlock}`);
  return parseCertificationRequest(request) === undefined ? refused('asn1: syntax error: sequence truncated') : [];
}

function usageErrors(list: readonly string[]): FieldError[] {
  if (list.length === 0) return [required('spec.usages')];
  const seen = new Set<string>();
  return each('spec.usages', list, (usage, at) => {
    const errors: FieldError[] = usages.includes(usage) ? [] : [notSupported(at, usage, usages)];
    if (seen.has(usage)) errors.push(duplicate(at, usage));
    seen.add(usage);
    return errors;
  });
}

export function createErrors(object: KubeObject): FieldError[] {
  const spec = requestOf(object).spec ?? {};
  const seconds = spec.expirationSeconds;
  const brief = seconds !== undefined && seconds < expirySecondsMin;
  const legacy = spec.signerName === 'kubernetes.io/legacy-unknown';
  return [
    ...requestErrors(spec.request ?? ''),
    ...usageErrors(spec.usages ?? []),
    ...(legacy
      ? [invalid('spec.signerName', spec.signerName, 'the legacy signerName is not allowed via this API version')]
      : signerNameErrors('spec.signerName', spec.signerName ?? '')),
    ...(brief
      ? [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)')]
      : []),
  ];
}

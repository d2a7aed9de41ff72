/** Certificate signing requests: someone asks, someone approves, a signer signs. */
import { deepEqual, dns1123Label, dns1123Subdomain, duplicate, durationText, type FieldError, forbidden, invalid, notSupported, required, verbatim } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour, Requester, SubresourceBehaviour } from '../behaviour.ts';
import { each, invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { textOfBase64 } from '../core/index.ts';
import { keepField, keepMetadata, strategy } from '../strategy.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../types/certificates.ts';

const expirySecondsMin = 600;
const usages = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only',
  'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
];

const requestOf = (object: object): CertificateSigningRequest => object as CertificateSigningRequest;

/** A request says who asks, whatever its body claims. */
function prepareForCreate(object: JsonObject, requester?: Requester): void {
  const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = requestOf(object).spec ?? {};
  object['status'] = {};
  object['spec'] = requester === undefined ? spec : {
    ...spec,
    username: requester.name,
    ...(requester.uid === undefined || requester.uid === '' ? {} : { uid: requester.uid }),
    ...(requester.groups.length === 0 ? {} : { groups: [...requester.groups] }),
    ...(requester.extra === undefined || Object.keys(requester.extra).length === 0 ? {} : { extra: requester.extra }),
  };
}

/** `example.com/name`: a domain of at least two parts, and a path. */
export function signerNameErrors(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', ...rest] = name.split('/');
  if (rest.length === 0) return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors = invalids(path, domain, dns1123Subdomain(domain));
  if (!domain.includes('.')) errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  return [...errors, ...rest.join('/').split('.').flatMap((part) => invalids(path, part, dns1123Label(part)))];
}

function pemErrors(request: string): FieldError[] {
  const text = textOfBase64(request);
  const block = /-----BEGIN ([A-Z0-9 ]+)-----\s[A-Za-z0-9+/=\s]+-----END \1-----/.exec(text);
  return block?.[1] === 'CERTIFICATE REQUEST' ? [] : [invalid('spec.request', verbatim(`[]byte{${request}}`), 'PEM block type must be CERTIFICATE REQUEST')];
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

function createErrors(object: KubeObject): FieldError[] {
  const spec = requestOf(object).spec ?? {};
  const seconds = spec.expirationSeconds;
  const brief = seconds !== undefined && seconds < expirySecondsMin;
  const legacy = spec.signerName === 'kubernetes.io/legacy-unknown';
  return [
    ...pemErrors(spec.request ?? ''),
    ...usageErrors(spec.usages ?? []),
    ...(legacy ? [invalid('spec.signerName', spec.signerName, 'the legacy signerName is not allowed via this API version')] : signerNameErrors('spec.signerName', spec.signerName ?? '')),
    ...(brief ? [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)')] : []),
  ];
}

const conditionsOf = (object: object): readonly CertificateSigningRequestCondition[] => requestOf(object).status?.conditions ?? [];
const isDecision = (condition: CertificateSigningRequestCondition): boolean => condition.type === 'Approved' || condition.type === 'Denied';

function conditionErrors(object: KubeObject): FieldError[] {
  const conditions = conditionsOf(object);
  const types = new Set<string>();
  const errors = each('status.conditions', conditions, (condition, at) => {
    const { type = '', status = '' } = condition;
    const found: FieldError[] = type === '' ? [required(`${at}.type`)] : [];
    if (status === '') found.push(required(`${at}.status`));
    else if (isDecision(condition) && status !== 'True') found.push(notSupported(`${at}.status`, status, ['True']));
    else if (!['True', 'False', 'Unknown'].includes(status)) found.push(notSupported(`${at}.status`, status, ['True', 'False', 'Unknown']));
    if (types.has(type)) found.push(duplicate(`${at}.type`, type));
    types.add(type);
    return found;
  });
  if (types.has('Approved') && types.has('Denied')) errors.push(invalid('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive'));
  return errors;
}

/** Decisions stand: they are added, never changed or withdrawn. */
function decisionErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const now = conditionsOf(object);
  const withdrawn = conditionsOf(old).filter((condition) => isDecision(condition) && !now.some((other) => other.type === condition.type));
  return [
    ...conditionErrors(object),
    ...withdrawn.map((condition) => forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(condition.type ?? '')}`)),
  ];
}

function stampConditions(object: JsonObject, old: KubeObject, now: string | undefined): void {
  if (now === undefined) return;
  for (const condition of requestOf(object).status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    if (condition.lastTransitionTime !== undefined) continue;
    const before = conditionsOf(old).find((other) => other.type === condition.type && other.status === condition.status);
    condition.lastTransitionTime = before?.lastTransitionTime ?? now;
  }
}

function keepRequest(object: JsonObject, old: KubeObject): void {
  keepField(object, old, 'spec');
  keepMetadata(object, old, 'generation');
}

/** A signer answers here, or says why not; it decides nothing. */
const status: SubresourceBehaviour = {
  prepareForUpdate(object, old, now) {
    keepRequest(object, old);
    stampConditions(object, old, now);
  },
  validateUpdate(object, old) {
    const decided = (of: KubeObject): readonly CertificateSigningRequestCondition[] => conditionsOf(of).filter(isDecision);
    const changed = deepEqual(decided(object), decided(old)) ? [] : [forbidden('status.conditions', 'updates may not change approval conditions')];
    const before = requestOf(old).status?.certificate;
    const replaced = before !== undefined && before !== '' && before !== requestOf(object).status?.certificate;
    return [...conditionErrors(object), ...changed, ...(replaced ? [forbidden('status.certificate', 'updates may not set or modify status.certificate once it has been set')] : [])];
  },
};

/** An approver decides here, and changes nothing else. */
const approval: SubresourceBehaviour = {
  prepareForUpdate(object, old, now) {
    const conditions = conditionsOf(object);
    keepRequest(object, old);
    object['status'] = { ...requestOf(old).status, conditions: conditions.map((condition) => ({ ...condition })) };
    stampConditions(object, old, now);
  },
  validateUpdate: decisionErrors,
};

function stateText(object: object): string {
  const { status: state } = requestOf(object);
  const has = (type: string): boolean => (state?.conditions ?? []).some((condition) => condition.type === type);
  const text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${text}${has('Failed') ? ',Failed' : ''}${(state?.certificate ?? '') === '' ? '' : ',Issued'}`;
}

export const certificatesBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'certificates.k8s.io/certificatesigningrequests': {
    ...strategy({ generation: false, status: true }),
    prepareForCreate,
    prepareForUpdate(object, old) {
      keepRequest(object, old);
      keepField(object, old, 'status');
    },
    validate: createErrors,
    validateUpdate: () => [],
    subresources: { status, approval },
    selectableFields: (object) => ({ 'spec.signerName': requestOf(object).spec?.signerName ?? '' }),
    columns: [
      nameColumn,
      ageColumn,
      column('SignerName', 'Who is to sign.'),
      column('Requestor', 'Who asks.'),
      column('RequestedDuration', 'How long the certificate is to hold.'),
      column('Condition', 'Whether it is approved and signed.'),
    ],
    row(object, now) {
      const spec = requestOf(object).spec ?? {};
      const duration = spec.expirationSeconds === undefined ? '<none>' : durationText(spec.expirationSeconds * 1000);
      return [object.metadata.name ?? '', ageOf(object, now), spec.signerName ?? '<none>', spec.username ?? '', duration, stateText(object)];
    },
  },
};

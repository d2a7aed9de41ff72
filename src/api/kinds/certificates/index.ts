/** Certificate signing requests: someone asks, someone approves, a signer signs. */
import { definedMembers } from '../../object.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition, Sent } from '../../objects/index.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  duplicate,
  durationText,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  verbatim,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour, Requester, SubresourceBehaviour } from '../behaviour.ts';
import { each, invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { isSequence, pemBlocksOf } from '../core/index.ts';
import { keepField, keepMetadata, strategy } from '../strategy.ts';
import { parseCertificationRequest, requestBlock } from './certification-request.ts';

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

const requestOf = (object: object): Sent<CertificateSigningRequest> => object as Sent<CertificateSigningRequest>;

/** The spec names the user who sends the request, whatever the body claims. */
function prepareForCreate(object: JsonObject, requester?: Requester): void {
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

/** `example.com/name`: a domain of at least two parts, and a path. */
function signerNameErrors(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', ...rest] = name.split('/');
  if (rest.length === 0)
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors = invalids(path, domain, dns1123Subdomain(domain));
  if (!domain.includes('.'))
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  return [
    ...errors,
    ...rest
      .join('/')
      .split('.')
      .flatMap((part) => invalids(path, part, dns1123Label(part))),
  ];
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

function createErrors(object: KubeObject): FieldError[] {
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

const conditionsOf = (object: object): readonly Sent<CertificateSigningRequestCondition>[] =>
  requestOf(object).status?.conditions ?? [];
const decisions = ['Approved', 'Denied'];
/** Conditions of these types stay: they are added, never removed. */
const permanentTypes = [...decisions, 'Failed'];
const ofType = (object: object, type: string): readonly Sent<CertificateSigningRequestCondition>[] =>
  conditionsOf(object).filter((condition) => condition.type === type);

/** Checks one condition; `earlier`: the types of the conditions before it. */
type ConditionCheck = (
  condition: Sent<CertificateSigningRequestCondition>,
  earlier: ReadonlySet<string>,
  at: string,
) => readonly FieldError[];

const conditionChecks: readonly ConditionCheck[] = [
  ({ type = '' }, _earlier, at) => (type === '' ? [required(`${at}.type`)] : []),
  ({ type = '', status: value = '' }, _earlier, at) => {
    const known = permanentTypes.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (value === '') return [required(`${at}.status`)];
    return known.includes(value) ? [] : [notSupported(`${at}.status`, value, known)];
  },
  ({ type = '' }, earlier, at) => {
    const both = decisions.includes(type) && decisions.some((other) => other !== type && earlier.has(other));
    return both ? [invalid(`${at}.type`, type, 'Approved and Denied conditions are mutually exclusive')] : [];
  },
  ({ type = '' }, earlier, at) => (earlier.has(type) ? [duplicate(`${at}.type`, type)] : []),
];

function checkConditions(object: KubeObject, checks: readonly ConditionCheck[]): FieldError[] {
  const earlier = new Set<string>();
  return each('status.conditions', conditionsOf(object), (condition, at) => {
    const errors = checks.flatMap((check) => check(condition, earlier, at));
    earlier.add(condition.type ?? '');
    return errors;
  });
}

/** A check that the stored object fails already is left out. */
function conditionErrors(object: KubeObject, old: KubeObject): FieldError[] {
  return checkConditions(
    object,
    conditionChecks.filter((check) => checkConditions(old, [check]).length === 0),
  );
}

/** Conditions of permanent types may not be removed. */
function removalErrors(object: KubeObject, old: KubeObject): FieldError[] {
  return permanentTypes
    .filter((type) => ofType(object, type).length < ofType(old, type).length)
    .map((type) =>
      forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`),
    );
}

/** A write of the status may not approve or deny. */
function decisionErrors(object: KubeObject, old: KubeObject): FieldError[] {
  return decisions
    .filter((type) => ofType(object, type).length > ofType(old, type).length)
    .map((type) => forbidden('status.conditions', `updates may not add a condition of type ${JSON.stringify(type)}`));
}

/** Why the base64 of a certificate is none; undefined: it is one, or empty. */
function certificateProblem(certificate: string): string | undefined {
  if (certificate === '') return undefined;
  const blocks = pemBlocksOf(certificate);
  for (const { type, hasHeaders, body } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (body === '') return 'found CERTIFICATE PEM block containing 0 certificates';
    if (!isSequence(body)) return 'x509: malformed certificate';
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function certificateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [requestOf(object).status?.certificate ?? '', requestOf(old).status?.certificate ?? ''];
  if (now === before) return [];
  const problem = certificateProblem(before) === undefined ? certificateProblem(now) : undefined;
  return [
    ...(problem === undefined ? [] : [invalid('status.certificate', '<certificate data>', problem)]),
    ...(before === '' ? [] : [forbidden('status.certificate', 'updates may not modify existing certificate content')]),
  ];
}

/**
 * Whoever may not decide leaves decisions as they are: what is written of them is ignored, unless it adds or withdraws
 * one.
 */
function keepDecisions(object: JsonObject, old: KubeObject): void {
  const { status } = requestOf(object);
  if (status?.conditions === undefined) return;
  for (const type of decisions) {
    const before = ofType(old, type);
    if (before.length !== ofType(object, type).length) continue;
    let next = 0;
    status.conditions = status.conditions.map((condition) =>
      condition.type === type ? { ...(before[next++] ?? condition) } : condition,
    );
  }
}

function stampConditions(object: JsonObject, old: KubeObject, now: string | undefined): void {
  if (now === undefined) return;
  for (const condition of requestOf(object).status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    if (condition.lastTransitionTime !== undefined) continue;
    const before = conditionsOf(old).find(
      (other) => other.type === condition.type && other.status === condition.status,
    );
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
    keepDecisions(object, old);
    stampConditions(object, old, now);
  },
  validateUpdate: (object, old) => [
    ...conditionErrors(object, old),
    ...certificateErrors(object, old),
    ...removalErrors(object, old),
    ...decisionErrors(object, old),
  ],
};

/** An approver decides here, and changes nothing else. */
const approval: SubresourceBehaviour = {
  prepareForUpdate(object, old, now) {
    const conditions = conditionsOf(object);
    keepRequest(object, old);
    object['status'] = { ...requestOf(old).status, conditions: conditions.map((condition) => ({ ...condition })) };
    stampConditions(object, old, now);
  },
  validateUpdate: (object, old) => [...conditionErrors(object, old), ...removalErrors(object, old)],
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
      column('SignerName', 'Signer that should sign the request.'),
      column('Requestor', 'User who sent the request.'),
      column('RequestedDuration', 'Requested lifetime of the certificate.'),
      column('Condition', 'State of the request: Pending, Approved, Denied, Failed and Issued.'),
    ],
    row(object, now) {
      const spec = requestOf(object).spec ?? {};
      const duration = spec.expirationSeconds === undefined ? '<none>' : durationText(spec.expirationSeconds * 1000);
      return [
        object.metadata.name ?? '',
        ageOf(object, now),
        spec.signerName ?? '<none>',
        spec.username ?? '',
        duration,
        stateText(object),
      ];
    },
  },
};

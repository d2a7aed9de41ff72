/** The subresources status and approval of a CertificateSigningRequest: its conditions and its certificate. */

import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition, Sent } from '../../objects/index.ts';
import type { SubresourceBehaviour } from '../behaviour.ts';
import { each } from '../checks.ts';
import { isSequence, pemBlocksOf } from '../core/index.ts';
import { keepField, keepMetadata } from '../strategy.ts';

const requestOf = (object: object): Sent<CertificateSigningRequest> => object as Sent<CertificateSigningRequest>;

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

/** Keeps all but the status. */
export function keepRequest(object: JsonObject, old: KubeObject): void {
  keepField(object, old, 'spec');
  keepMetadata(object, old, 'generation');
}

/** Written by signers, who issue the certificate or fail the request; they may not approve or deny it. */
export const statusBehaviour: SubresourceBehaviour = {
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

/** Written by approvers, who approve or deny the request and change nothing else. */
export const approvalBehaviour: SubresourceBehaviour = {
  prepareForUpdate(object, old, now) {
    const conditions = conditionsOf(object);
    keepRequest(object, old);
    object['status'] = { ...requestOf(old).status, conditions: conditions.map((condition) => ({ ...condition })) };
    stampConditions(object, old, now);
  },
  validateUpdate: (object, old) => [...conditionErrors(object, old), ...removalErrors(object, old)],
};

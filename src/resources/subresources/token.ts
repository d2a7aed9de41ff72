/** The subresource serviceaccounts/token. */
import {
  badRequest,
  canonicalObject,
  conflict,
  type FieldError,
  internalError,
  invalid,
  invalidError,
  type JsonObject,
  type KubeObject,
  metadataOf,
  notFound,
  type Pod,
  timeText,
} from '../../api/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import { decodeBody, settleNamespace } from '../writing/body.ts';
import { keyOf } from '../stored/key.ts';
import { resourceOf, textOf } from '../writing/metadata.ts';
import type { TokenOrder, WritePorts } from '../ports.ts';
import { readObject } from '../stored/reading.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';

const tokenType = 'authentication/v1.TokenRequest';
const defaultSeconds = 3_600;
const secondsMin = 600;

/** POST of serviceaccounts/{name}/token: a signed token that lives as long as what it is bound to, at most. */
export async function createToken(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: WriteContext,
): Promise<WriteResult> {
  const { info, namespace = '', name } = target;
  const request = decodeBody(body, tokenType, context);
  settleNamespace(info, namespace, request);
  const given = textOf(metadataOf(request)['name']);
  const refuse = (named: string, errors: readonly FieldError[]): Error =>
    invalidError({ group: 'authentication.k8s.io', kind: 'TokenRequest', name: named, errors });
  if (given !== '' && given !== name)
    throw refuse(name, [invalid('metadata.name', given, 'must match the service account name if specified')]);
  const account = ports.store.get(keyOf(info, namespace, name))?.object<KubeObject>();
  if (account === undefined) throw notFound(resourceOf(info), name);
  const spec = { ...((request['spec'] ?? {}) as JsonObject) };
  spec['expirationSeconds'] ??= defaultSeconds;
  request['spec'] = spec;
  const admission: AdmissionRequest = {
    operation: 'CREATE',
    info,
    subresource: 'token',
    namespace,
    name,
    object: request,
    old: undefined,
    ...admissionContext(context),
  };
  await admit(ports, admission);
  const errors = tokenErrors(spec);
  if (errors.length > 0) throw refuse('', errors);
  await validateAdmission(ports, admission);
  // A dry run makes a token, too: nothing is stored either way.
  const order = orderOf(ports, { account, spec });
  if (ports.issueToken === undefined) throw internalError('this server does not issue tokens');
  const issued = await ports.issueToken(order);
  const metadata = { name, namespace, creationTimestamp: timeText(ports.clock.now()) };
  const object = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata,
    spec: { ...spec, audiences: issued.audiences },
    status: { token: issued.token, expirationTimestamp: issued.expirationTimestamp },
  };
  return { object: canonicalObject(tokenType, object) as KubeObject, created: true };
}

function tokenErrors({ expirationSeconds }: JsonObject): FieldError[] {
  const seconds = Number(expirationSeconds);
  if (seconds < secondsMin)
    return [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > 2 ** 32
    ? [invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')]
    : [];
}

function orderOf(
  ports: WritePorts,
  { account, spec }: { readonly account: KubeObject; readonly spec: JsonObject },
): TokenOrder {
  const { name = '', namespace = '', uid = '' } = account.metadata;
  const order: TokenOrder = {
    namespace,
    serviceAccount: name,
    serviceAccountUid: uid,
    audiences: (spec['audiences'] as string[] | undefined) ?? [],
    expirationSeconds: Number(spec['expirationSeconds']),
  };
  const bound = spec['boundObjectRef'] as JsonObject | undefined;
  return bound === undefined ? order : { ...order, boundObject: boundObject(ports, { account, bound }) };
}

const boundKinds: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

function boundObject(
  ports: WritePorts,
  { account, bound }: { readonly account: KubeObject; readonly bound: JsonObject },
): NonNullable<TokenOrder['boundObject']> {
  const [kind, name, wantedUid] = [textOf(bound['kind']), textOf(bound['name']), textOf(bound['uid'])];
  const groupVersion = textOf(bound['apiVersion']);
  const resource = boundKinds[kind];
  if (resource === undefined || textOf(bound['apiVersion']) !== 'v1')
    throw badRequest(
      'cannot bind token to object of type ' +
        `${groupVersion.includes('/') ? groupVersion : `/${groupVersion}`}, Kind=${kind}`,
    );
  const object = readObject<KubeObject>(
    ports.store,
    { group: '', resource },
    kind === 'Node' ? undefined : account.metadata.namespace,
    name,
  );
  if (object === undefined) throw notFound({ group: '', resource }, name);
  if (kind === 'Pod' && (object as Pod).spec.serviceAccountName !== account.metadata.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with ` +
        'different serviceaccount name.',
    );
  }
  const uid = object.metadata.uid ?? '';
  if (wantedUid !== '' && wantedUid !== uid) {
    throw conflict(
      { group: '', resource: kind },
      name,
      `the UID in the bound object reference (${wantedUid}) does not match the UID in record. The object ` +
        'might have been deleted and then recreated',
    );
  }
  return { apiVersion: 'v1', kind, name, uid };
}

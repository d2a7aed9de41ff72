/** The kind Secret: defaults, validation and Table columns. */

import type { Secret, Sent } from '../../objects/index.ts';
import { JsonSyntaxError, parseJson } from '../../decoding/index.ts';
import { configMapKey, type FieldError, immutableField, invalid, required, tooLong } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { invalids } from '../checks.ts';
import { strategy } from '../strategy.ts';
import { base64Length, base64OfText, textOfBase64 } from './base64.ts';
import { isSequence, pemBlocksOf } from './pem.ts';
import { dataBytesMax, immutableDataErrors } from './config-map.ts';

const accountAnnotation = 'kubernetes.io/service-account.name';
const secretOf = (object: object): Sent<Secret> => object as Sent<Secret>;

function dockerErrors(data: Readonly<Record<string, string>>, key: string): FieldError[] {
  const value = data[key];
  const path = `data[${key}]`;
  if (value === undefined) return [required(path)];
  try {
    const parsed = parseJson(textOfBase64(value), false).value;
    if (parsed === null || (typeof parsed === 'object' && !Array.isArray(parsed))) return [];
    const type = Array.isArray(parsed) ? 'array' : typeof parsed === 'boolean' ? 'bool' : typeof parsed;
    return [
      invalid(
        path,
        '<secret contents redacted>',
        `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
      ),
    ];
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return [invalid(path, '<secret contents redacted>', error.message)];
  }
}

const requireKeys = (data: Readonly<Record<string, string>>, keys: readonly string[]): FieldError[] =>
  keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));

function typeErrors(secret: Sent<Secret>): FieldError[] {
  const data = secret.data ?? {};
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return (secret.metadata?.annotations?.[accountAnnotation] ?? '') === ''
        ? [required(`metadata.annotations[${accountAnnotation}]`)]
        : [];
    case 'kubernetes.io/dockercfg':
      return dockerErrors(data, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return dockerErrors(data, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth': {
      const missing = requireKeys(data, ['username', 'password']);
      return missing.length === 2 ? missing : [];
    }
    case 'kubernetes.io/ssh-auth':
      return (data['ssh-privatekey'] ?? '') === '' ? [required('data[ssh-privatekey]')] : [];
    case 'kubernetes.io/tls':
      return requireKeys(data, ['tls.crt', 'tls.key']);
    default:
      return [];
  }
}

function secretErrors(object: KubeObject): FieldError[] {
  const secret = secretOf(object);
  const data = secret.data ?? {};
  const errors = Object.keys(data).flatMap((key) => invalids(`data[${key}]`, key, configMapKey(key)));
  const bytes = Object.values(data).reduce((total, value) => total + base64Length(value), 0);
  if (bytes > dataBytesMax) errors.push(tooLong('data', '', dataBytesMax));
  return [...errors, ...typeErrors(secret)];
}

const isKey = (block: string): boolean => block === 'PRIVATE KEY' || block.endsWith(' PRIVATE KEY');

/** What a TLS server would say of the pair, as far as their PEM blocks tell. */
function pairWarnings(data: Readonly<Record<string, string>>): string[] {
  const blocks = pemBlocksOf(data['tls.crt']);
  const certificates = blocks.map(({ type }) => type);
  const certificate = blocks.find(({ type }) => type === 'CERTIFICATE');
  if (certificate === undefined) {
    if (certificates.length === 0) return ['tls: failed to find any PEM data in certificate input'];
    if (certificates.length === 1 && isKey(certificates[0] ?? '')) {
      return [
        'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs ' +
          'may have been switched',
      ];
    }
    return [
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the ' +
        `following types: [${certificates.join(' ')}]`,
    ];
  }
  const keys = pemBlocksOf(data['tls.key']).map(({ type }) => type);
  if (keys.some(isKey)) return isSequence(certificate.body) ? [] : ['x509: malformed certificate'];
  if (keys.length === 0) return ['tls: failed to find any PEM data in key input'];
  if (keys.length === 1 && keys[0] === 'CERTIFICATE')
    return ['tls: found a certificate rather than a key in the PEM for the private key'];
  return [
    'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of ' +
      `the following types: [${keys.join(' ')}]`,
  ];
}

/** `stringData` is only a way to write `data`; it is never stored. */
function storeStringData(object: JsonObject): void {
  const secret = secretOf(object);
  const texts = Object.entries(secret.stringData ?? {});
  delete secret.stringData;
  if (texts.length === 0) return;
  secret.data = { ...secret.data, ...Object.fromEntries(texts.map(([key, text]) => [key, base64OfText(text)])) };
}

export const secretBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  quota: { plainCount: true },
  defaults(object) {
    storeStringData(object);
    secretOf(object).type ||= 'Opaque';
  },
  validate: secretErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  validateUpdate: (object, old) => [
    ...immutableField(secretOf(object).type, secretOf(old).type, 'type'),
    ...immutableDataErrors(object, old, ['data']),
    ...secretErrors(object),
  ],
  warnings: (object) =>
    secretOf(object).type === 'kubernetes.io/tls' ? pairWarnings(secretOf(object).data ?? {}) : [],
  selectableFields: (object) => ({ type: secretOf(object).type ?? '' }),
  columns: [nameColumn, column('Type', 'Type of the secret.'), column('Data', 'Number of entries.'), ageColumn],
  row: (object, now) => [
    object.metadata.name ?? '',
    secretOf(object).type ?? '',
    Object.keys(secretOf(object).data ?? {}).length,
    ageOf(object, now),
  ],
};

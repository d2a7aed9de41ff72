/** Parses PKCS #10 certificate requests (RFC 2986). */

import { pemBlocksOf } from '../core/index.ts';

/** What a PKCS #10 request asks a certificate for (RFC 2986), as far as signers look at it. */
export interface CertificationRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** One element of a DER document: its tag and its content. */
interface Element {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

export const requestBlock = 'CERTIFICATE REQUEST';
const sequence = 0x30;
const attributes = 0xa0;
const commonNameId = '550403';
const organizationId = '55040a';
const extensionRequestId = '2a864886f70d01090e';
const subjectAlternativeNameId = '551d11';
const decoder = new TextDecoder();

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The elements that stand one after the other in `bytes`. Throws when they are no DER. */
function elementsOf(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 3) throw new Error('an element is too long');
    let length = first < 0x80 ? first : 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
    const start = at + 2 + lengthBytes;
    if (start + length > bytes.length) throw new Error('an element is cut off');
    elements.push({ tag, bytes: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** The elements within one that must be there. */
function within(element: Element | undefined): readonly Element[] {
  if (element === undefined) throw new Error('an element is missing');
  return elementsOf(element.bytes);
}

function namesIn(subject: Element | undefined, id: string): readonly string[] {
  return within(subject)
    .flatMap((set) => within(set))
    .flatMap((pair) => {
      const [type, value] = within(pair);
      return type !== undefined && value !== undefined && hex(type.bytes) === id ? [decoder.decode(value.bytes)] : [];
    });
}

function expandedAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.');
  return Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  ).join(':');
}

/** The general names of the subjectAltName extension that is asked for. */
function alternativeNames(parts: Element | undefined): readonly Element[] {
  if (parts?.tag !== attributes) return [];
  for (const attribute of elementsOf(parts.bytes)) {
    const [type, values] = within(attribute);
    if (type === undefined || hex(type.bytes) !== extensionRequestId) continue;
    for (const extension of within(within(values)[0])) {
      const fields = within(extension);
      const value = fields.at(-1);
      if (fields[0] !== undefined && value !== undefined && hex(fields[0].bytes) === subjectAlternativeNameId)
        return within(elementsOf(value.bytes)[0]);
    }
  }
  return [];
}

function parse(der: Uint8Array): CertificationRequest {
  const [info] = within(elementsOf(der)[0]);
  const [, subject, , ...rest] = within(info);
  const names = alternativeNames(rest.find(({ tag }) => tag === attributes));
  const texts = (tag: number): readonly string[] =>
    names.filter((name) => name.tag === tag).map(({ bytes }) => decoder.decode(bytes));
  if (subject?.tag !== sequence) throw new Error('the subject is missing');
  return {
    commonName: namesIn(subject, commonNameId).at(-1) ?? '',
    organizations: namesIn(subject, organizationId),
    dnsNames: texts(0x82),
    ipAddresses: names.filter((name) => name.tag === 0x87).map(({ bytes }) => expandedAddress(bytes)),
    emailAddresses: texts(0x81),
    uris: texts(0x86),
  };
}

/** Reads `spec.request` of a CertificateSigningRequest: PEM in base64. Undefined: it is no certification request. */
export function parseCertificationRequest(request: string): CertificationRequest | undefined {
  try {
    const [block] = pemBlocksOf(request);
    return block?.type === requestBlock
      ? parse(Uint8Array.from(atob(block.body), (letter) => letter.charCodeAt(0)))
      : undefined;
  } catch {
    return undefined;
  }
}

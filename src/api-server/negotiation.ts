/** Content negotiation: from an Accept header to an encoding and a shape (RFC 9110 section 12.5.1). */
import { badRequest, ExcessError, notAcceptable, StatusError } from '../api/index.ts';
import { limits } from '../base/index.ts';

/** How an answer is written. */
export interface Negotiated {
  readonly encoding: 'json' | 'yaml' | 'protobuf';
  readonly shape: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'discovery';
  /** Version of meta.k8s.io for the shapes other than `object`. */
  readonly metaVersion: string;
}

/**
 * Which shapes a path can give. `stream`: the answer may be a watch. `router`: the path knows plain media types only
 * (its 406 has another text).
 */
export interface NegotiationRules {
  readonly table: boolean;
  readonly partial: boolean;
  readonly discovery?: boolean | undefined;
  readonly stream?: boolean | undefined;
  /** False: only metadata can be written in protobuf. Absent: whatever has a message there. */
  readonly protobuf?: boolean | undefined;
  readonly router: boolean;
}

interface Clause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly order: number;
}

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;
/** What a watch can be written as. */
export const streamTypes = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
] as const;
const encodings: Readonly<Record<string, Negotiated['encoding']>> = {
  json: 'json',
  yaml: 'yaml',
  'vnd.kubernetes.protobuf': 'protobuf',
};
const plainJson: Negotiated = { encoding: 'json', shape: 'object', metaVersion: 'v1' };

/** Chooses how to write the answer. Throws the 406 of Kubernetes when nothing fits. */
export function negotiate(accept: string | undefined, rules: NegotiationRules): Negotiated {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return plainJson;
  if (accept.length > limits.acceptCharactersMax)
    throw badRequest(
      `the Accept header is longer than ${limits.acceptCharactersMax} characters`,
      new ExcessError('query', 'bytes'),
    );
  const clauses = parsedClauses(accept);
  if (rules.router && !clauses.some(routable)) throw routerRefusal(rules);
  for (const clause of clauses) {
    const fit = fitting(clause, rules);
    if (fit !== undefined) return fit;
  }
  throw notAcceptable(mediaTypes);
}

function routerRefusal(rules: NegotiationRules): StatusError {
  const available = [...mediaTypes, ...(rules.stream === true ? streamTypes : [])].join(', ');
  return new StatusError('NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available}`, {
    details: {},
  });
}

function routable(clause: Clause): boolean {
  if (clause.type !== '*' && clause.type !== 'application') return false;
  return clause.subtype === '*' || encodings[clause.subtype] !== undefined;
}

function fitting(clause: Clause, rules: NegotiationRules): Negotiated | undefined {
  if (!routable(clause) || clause.quality <= 0) return undefined;
  const encoding = clause.subtype === '*' ? 'json' : encodings[clause.subtype];
  if (encoding === undefined) return undefined;
  const { as, g, v, stream } = clause.parameters;
  if (stream !== undefined && stream !== 'watch') return undefined;
  if (as === undefined)
    return encoding === 'protobuf' && rules.protobuf === false
      ? undefined
      : { encoding, shape: 'object', metaVersion: 'v1' };
  if (as === 'APIGroupDiscoveryList')
    return rules.discovery === true && g === 'apidiscovery.k8s.io' && v === 'v2' && encoding === 'json'
      ? { encoding, shape: 'discovery', metaVersion: 'v2' }
      : undefined;
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  if (as === 'Table')
    return rules.table && encoding !== 'protobuf' ? { encoding, shape: 'Table', metaVersion: v } : undefined;
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return rules.partial ? { encoding, shape: as, metaVersion: v } : undefined;
  return undefined;
}

/** The clauses of an Accept header, the most wanted first: quality, then how exact they are, then their order. */
function parsedClauses(accept: string): readonly Clause[] {
  const clauses = accept
    .split(',')
    .map((text, order) => parsedClause(text, order))
    .filter((clause) => clause !== undefined);
  const exactness = (clause: Clause): number =>
    (clause.type === '*' ? 0 : 10) +
    (clause.subtype === '*' ? 0 : 5) +
    Math.min(4, Object.keys(clause.parameters).length);
  return clauses.sort(
    (left, right) => right.quality - left.quality || byShape(left, right) || left.order - right.order,
  );

  function byShape(left: Clause, right: Clause): number {
    const sameEncoding = left.type === right.type && left.subtype === right.subtype;
    const wild = left.subtype === '*' || right.subtype === '*';
    return sameEncoding || wild ? exactness(right) - exactness(left) : 0;
  }
}

function parsedClause(text: string, order: number): Clause | undefined {
  const [range, ...rest] = text.split(';').map((part) => part.trim());
  const [type, subtype] = (range ?? '').split('/');
  if (type === undefined || subtype === undefined) return undefined;
  const parameters: Record<string, string> = {};
  let quality = 1;
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).toLowerCase();
    const value = part.slice(equals + 1).replaceAll('"', '');
    if (name === 'q') quality = Number.isNaN(Number(value)) ? 1 : Number(value);
    else parameters[name] = value;
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), quality, parameters, order };
}

/** The content type of an answer. */
export function contentTypeOf(negotiated: Negotiated): string {
  if (negotiated.shape === 'discovery') return 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  return negotiated.encoding === 'json'
    ? 'application/json'
    : negotiated.encoding === 'yaml'
      ? 'application/yaml'
      : 'application/vnd.kubernetes.protobuf';
}

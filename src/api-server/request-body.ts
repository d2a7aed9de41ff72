/** Takes the body of a request, and has long YAML parsed outside of the event loop. */
import {
  briefYaml,
  JsonSyntaxError,
  longYaml,
  type ParsedYaml,
  parseJson,
  tooLarge,
  yamlExcess,
} from '../api/index.ts';
import { limits, type Metrics } from '../base/index.ts';
import type { RequestBody } from '../resources/index.ts';
import { textOf } from './request.ts';
import { contentTypeOfRequest, type RequestContext } from './request-context.ts';

/**
 * Parses a YAML text elsewhere. Resolves to a function that gives a new copy of the value each time, or throws
 * YamlTextError for what is no YAML. Rejects with StatusError: 413 when the text takes too long, 429 when too many
 * wait.
 */
export type LongYamlParser = (text: string) => Promise<() => ParsedYaml>;

export interface BodyPorts {
  readonly metrics: Metrics;
  /** Absent: long YAML is refused. */
  readonly parseLongYaml?: LongYamlParser | undefined;
}

const yamlTypes: ReadonlySet<string> = new Set(['application/yaml', 'application/apply-patch+yaml']);

/** The request's body. Throws 413 when it is too large, and for YAML that is too much work. */
export function bodyOf(ports: BodyPorts, { http, audit }: RequestContext): RequestBody | Promise<RequestBody> {
  if (http.bodyTooLarge === true) throw tooLarge(`limit is ${limits.requestBytesMax}`);
  const body = { contentType: contentTypeOfRequest(http), bytes: http.body };
  const mediaType = (body.contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (!yamlTypes.has(mediaType)) return body;
  const text = textOf(body.bytes);
  const excess = yamlExcess(text, briefYaml);
  if (excess === undefined) return body;
  const json = text.trimStart().startsWith('{') ? plainJson(text) : undefined;
  if (json !== undefined) return read(body, json, audit);
  return longBody(ports, { text, excess }).then((yaml) => read(body, yaml, audit));
}

function read(body: RequestBody, yaml: () => ParsedYaml, audit: RequestContext['audit']): RequestBody {
  audit?.reads(() => yaml().value);
  return { ...body, yaml };
}

/** JSON is a part of YAML, and quickly read. Undefined for what is none, and where a key is repeated. */
function plainJson(text: string): (() => ParsedYaml) | undefined {
  try {
    const { repeated } = parseJson(text, true);
    if (repeated !== undefined && repeated.size > 0) return undefined;
    return () => ({ value: JSON.parse(text) as unknown, repeatedKeys: undefined });
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

interface LongText {
  readonly text: string;
  /** Why the event loop does not parse it. */
  readonly excess: string;
}

async function longBody({ metrics, parseLongYaml }: BodyPorts, given: LongText): Promise<() => ParsedYaml> {
  const { text } = given;
  const excess = parseLongYaml === undefined ? given.excess : yamlExcess(text, longYaml);
  try {
    if (parseLongYaml === undefined || excess !== undefined) throw tooLarge(`YAML: ${excess ?? ''}`);
    return await parseLongYaml(text);
  } catch (error) {
    metrics.count('troupe_refused_bodies_total', { format: 'yaml' });
    throw error;
  }
}

/** Takes the body of a request, and has long YAML parsed outside of the event loop. */
import {
  briefYaml,
  ExcessError,
  JsonSyntaxError,
  longYaml,
  mediaTypeOf,
  type ParsedYaml,
  parseJson,
  StatusError,
  tooLarge,
  tooManyRequests,
  yamlExcess,
} from '../api/index.ts';
import { limits, type Turns } from '../base/index.ts';
import type { RequestBody } from '../resources/index.ts';
import { textOf } from './request.ts';
import { contentTypeOfRequest, type RequestContext } from './request-context.ts';

/**
 * Parses a YAML text elsewhere. Resolves to a function that gives a new copy of the value each time, or throws
 * YamlTextError for what is no YAML. Rejects with StatusError: 413 when the text takes too long, 429 when too many
 * of the user's wait.
 */
export type LongYamlParser = (text: string, user: string) => Promise<() => ParsedYaml>;

export interface BodyPorts {
  /** Absent: long YAML is refused. */
  readonly parseLongYaml?: LongYamlParser | undefined;
  /** Absent: a large body is read at once. */
  readonly turns?: Turns | undefined;
}

const yamlTypes: ReadonlySet<string> = new Set(['application/yaml', 'application/apply-patch+yaml']);

/** The request's body, to be read at once. Throws 413 when it is too large, and for YAML that is too much work. */
export function bodyOf(ports: BodyPorts, context: RequestContext): RequestBody | Promise<RequestBody> {
  const { http, user } = context;
  if (http.bodyTooLarge === true)
    throw tooLarge(`limit is ${limits.requestBytesMax}`, new ExcessError('body', 'bytes'));
  if (http.bodyWithoutRoom === true) throw withoutRoom();
  const waiting = ports.turns?.take(user.name, http.body.byteLength);
  return waiting === undefined ? weighed(ports, context) : waiting.then(() => weighed(ports, context));
}

function withoutRoom(): StatusError {
  const { message, details } = tooManyRequests('bodies of requests take too much memory, please try again later', 1);
  return new StatusError('TooManyRequests', message, { details, cause: new ExcessError('body', 'waiting') });
}

function weighed(ports: BodyPorts, { http, audit, user }: RequestContext): RequestBody | Promise<RequestBody> {
  const body = { contentType: contentTypeOfRequest(http), bytes: http.body };
  const mediaType = mediaTypeOf(body.contentType);
  if (!yamlTypes.has(mediaType)) return body;
  const text = textOf(body.bytes);
  const excess = yamlExcess(text, briefYaml);
  if (excess === undefined) return body;
  const json = text.trimStart().startsWith('{') ? plainJson(text) : undefined;
  if (json !== undefined) return read(body, json, audit);
  return longBody(ports, { text, excess, user: user.name }).then(async (yaml) => {
    await ports.turns?.take(user.name, body.bytes.byteLength);
    return read(body, yaml, audit);
  });
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
  readonly user: string;
  /** Why the event loop does not parse it. */
  readonly excess: ExcessError;
}

async function longBody({ parseLongYaml }: BodyPorts, { text, user, excess }: LongText): Promise<() => ParsedYaml> {
  const over = parseLongYaml === undefined ? excess : yamlExcess(text, longYaml);
  if (parseLongYaml === undefined || over !== undefined) throw tooLarge(`YAML: ${over?.message ?? ''}`, over);
  return await parseLongYaml(text, user);
}

/** /troupe/api/: actors, traces and log levels of all processes. */
import { traceIdOf } from '../../../base/index.ts';
import { isLevel, isPattern, type Supervision } from '../../../supervision/index.ts';
import { type ApiHttpResponse, headerOf, jsonResponse, textOf } from '../../request.ts';
import type { RequestContext } from '../../request-context.ts';
import type { PathHandler } from '../path-handler.ts';

const prefix = '/troupe/api/';

/**
 * What operators ask of all processes, each path a separate right (nonResourceURLs):
 *   GET actors?pattern=     actors by address, with the process that each is in
 *   GET traces/<id>         the steps of a trace; an Audit-ID names one as well
 *   GET log-levels          what each process writes down
 *   POST log-levels         {level, actor?, process?}: changes that, of whole processes or of the actors that fit
 */
export function operatorPaths(supervision: Supervision): PathHandler {
  return (context) => {
    const { path } = context.info;
    if (!path.startsWith(prefix)) return undefined;
    const [name, id, ...more] = path.slice(prefix.length).split('/');
    const { method } = context.http;
    if (name === 'traces' && id !== undefined && more.length === 0 && method === 'GET') return steps(supervision, id);
    if (id !== undefined) return undefined;
    if (name === 'actors' && method === 'GET') return actors(supervision, context.query.get('pattern'));
    if (name === 'log-levels' && method === 'GET') return levels(supervision, {});
    return name === 'log-levels' && method === 'POST' ? setLevels(supervision, context) : undefined;
  };
}

const failure = (code: number, reason: string, message: string): ApiHttpResponse =>
  jsonResponse(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

function actors(supervision: Supervision, pattern: string | undefined): ApiHttpResponse {
  if (pattern !== undefined && !isPattern(pattern))
    return failure(400, 'BadRequest', 'the pattern is empty or too long');
  return jsonResponse(200, { actors: supervision.actors(pattern) });
}

async function steps(supervision: Supervision, id: string): Promise<ApiHttpResponse> {
  const traceId = traceIdOf(id);
  if (traceId === undefined) return failure(400, 'BadRequest', 'a trace is named by 32 hex digits, or by an Audit-ID');
  return jsonResponse(200, { traceId, ...(await supervision.trace(traceId)) });
}

async function levels(
  supervision: Supervision,
  change: Parameters<Supervision['logLevels']>[0],
): Promise<ApiHttpResponse> {
  const answer = await supervision.logLevels(change);
  return jsonResponse(answer.processes.some(({ refused }) => refused === true) ? 409 : 200, answer);
}

async function setLevels(supervision: Supervision, context: RequestContext): Promise<ApiHttpResponse> {
  // A browser with a client certificate would send it along with another site's request, too.
  if (headerOf(context.http.headers, 'sec-fetch-site') === 'cross-site')
    return failure(403, 'Forbidden', 'the request comes from another site');
  const { level, actor, process } = fieldsOf(textOf(context.http.body));
  const named = process === undefined || typeof process === 'string';
  if (!isLevel(level) || !named || (actor !== undefined && !isPattern(actor)))
    return failure(
      400,
      'BadRequest',
      'the body must be {"level": "debug|info|warn|error|silent|default", "actor"?: "<pattern>", "process"?: "<name>"}',
    );
  if (level === 'default' && actor === undefined)
    return failure(400, 'BadRequest', 'a whole process has no default; name a level');
  if (process !== undefined && !supervision.processes().includes(process))
    return failure(404, 'NotFound', `there is no process ${process}`);
  supervision.note({
    type: 'action',
    severity: 'info',
    title: `log level ${level} for ${actor ?? 'everything'}${process === undefined ? '' : ` of ${process}`}`,
    detail: `by ${context.user.name}`,
  });
  return levels(supervision, { level, actor, process });
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

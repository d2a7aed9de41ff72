/** Calls a webhook: where it is, how long it may take, what it answered. */
import {
  type EndpointSlice,
  outwardAddress,
  readyEndpoints,
  resources,
  type Service,
  slicesOfService,
  type View,
  type WebhookClientConfig,
  parseExactly,
  parseJson,
} from '../api/index.ts';
import { errorMessage, traceparentOf, type TraceScope } from '../base/index.ts';
import type { Store } from '../state/index.ts';
import { decodeText } from './stored/encoding.ts';
import { readObject, readObjects } from './stored/reading.ts';

/** How a call is made. */
export interface CallOptions {
  /** PEM by which the server is trusted; absent: the system's authorities. */
  readonly ca?: string | undefined;
  /** The name that the server's certificate must have. */
  readonly serverName: string;
  /** Where to connect to, when it is not the host of the URL. */
  readonly connectTo?: { readonly host: string; readonly port: number };
  readonly timeoutMs: number;
  /** The step that makes the call (W3C Trace Context), for a service that follows requests, too. */
  readonly traceparent?: string | undefined;
}

/** What a webhook answered. */
interface WebhookAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** The header Content-Type. */
  readonly contentType?: string | undefined;
}

/**
 * POST of JSON over TLS. Rejects when there is no answer in time; the message of the failure is shown to the client.
 */
export type WebhookCall = (url: string, body: Uint8Array, options: CallOptions) => Promise<WebhookAnswer>;

/** The same calls, each a step of the request that makes it, which the webhook is told. */
export function tracedCalls(call: WebhookCall, traces: TraceScope): WebhookCall {
  return (url, body, options) => {
    const parent = traces.current();
    return parent === undefined
      ? call(url, body, options)
      : traces.step({ parent, what: `webhook ${url}` }, (trace) =>
          call(url, body, { ...options, traceparent: traceparentOf(trace) }),
        );
  };
}

/** Where a webhook is (WebhookClientConfig of admissionregistration and apiextensions), and how long it may take. */
interface WebhookAddress {
  readonly clientConfig: View<WebhookClientConfig>;
  readonly timeoutSeconds: number;
}

/**
 * An address that stands behind a port of a Service: a ready endpoint's, since a member need not be on the cluster's
 * network of service addresses.
 */
export function addressOf(
  store: Store,
  service: { readonly namespace: string; readonly name: string; readonly port: number },
): { readonly host: string; readonly port: number } {
  const { services } = resources;
  const found = readObject<Service>(store, services, service.namespace, service.name);
  if (found === undefined) throw new Error(`service ${JSON.stringify(service.name)} not found`);
  if (found.spec.type === 'ExternalName') return { host: found.spec.externalName ?? '', port: service.port };
  const port = found.spec.ports?.find((candidate) => candidate.port === service.port);
  if (port === undefined)
    throw new Error(`no service port ${String(service.port)} found for service ${JSON.stringify(service.name)}`);
  const slices = slicesOfService(
    readObjects<EndpointSlice>(store, resources.endpointSlices, service.namespace),
    service,
  );
  for (const slice of slices) {
    const target = slice.ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''))?.port;
    const address = readyEndpoints(slice)[0]?.addresses[0];
    if (target === undefined || address === undefined) continue;
    const host = outwardAddress(address);
    if (host === undefined) throw new Error('address not allowed');
    return { host, port: target };
  }
  throw new Error(`no endpoints available for service ${JSON.stringify(service.name)}`);
}

/** The URL as it is shown, and what else the call needs; the latter is found out late, since it may fail. */
function orderOf(
  { clientConfig, timeoutSeconds }: WebhookAddress,
  store: Store,
): { readonly url: string; readonly options: () => CallOptions } {
  const { url, service, caBundle } = clientConfig;
  const ca = caBundle === undefined || caBundle === '' ? {} : { ca: atob(caBundle) };
  const common = { ...ca, timeoutMs: timeoutSeconds * 1000 };
  const query = `?timeout=${String(timeoutSeconds)}s`;
  if (service === undefined) {
    const parsed = new URL(url ?? '');
    return { url: `${parsed.href}${query}`, options: () => ({ ...common, serverName: parsed.hostname }) };
  }
  const { namespace = '', name = '', path = '', port = 443 } = service;
  const serverName = `${name}.${namespace}.svc`;
  return {
    url: `https://${serverName}:${String(port)}${path === '' ? '/' : path}${query}`,
    options: () => ({ ...common, serverName, connectTo: addressOf(store, { namespace, name, port }) }),
  };
}

/** What client-go says of an answer that is no success, by its status. */
const statusTexts: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};
const shownCharactersMax = 2048;

/** The message of a Status of failure; undefined: the text is none. */
function failureIn(text: string): string | undefined {
  try {
    const { kind, status, message } = (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
    return kind === 'Status' && status === 'Failure' && typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

function statusText({ status, contentType }: WebhookAnswer, body: string): string {
  const failure = failureIn(body);
  if (failure !== undefined) return failure;
  const fixed = statusTexts[status];
  if (fixed !== undefined) return fixed;
  const isText = contentType === undefined || contentType.startsWith('text/');
  const said = isText ? body.slice(0, shownCharactersMax).trim() : 'unknown';
  if (status === 403 || status === 415) return said === '' ? 'unknown' : said;
  if (status === 406)
    return isText && said !== ''
      ? said
      : 'the server was unable to respond with a content type that the client supports';
  return status >= 500
    ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
    : `the server responded with the status code ${String(status)} but did not return more information`;
}

/** Go's word for what is wrong with a text that is no JSON. */
function syntaxProblem(text: string): string | undefined {
  try {
    parseJson(text, false);
  } catch (error) {
    return errorMessage(error);
  }
  return undefined;
}

function readAnswer(answer: WebhookAnswer): unknown {
  const text = decodeText(answer.body);
  if (answer.status < 200 || answer.status > 206) throw new Error(statusText(answer, text));
  if (text === '')
    throw new Error(
      `0-length response with status code: ${answer.status} and content type: ` +
        (answer.contentType ?? 'application/json'),
    );
  try {
    return parseExactly(text);
  } catch (error) {
    const problem = syntaxProblem(text) ?? errorMessage(error);
    throw new Error(`couldn't get version/kind; json parse error: ${problem}`, { cause: error });
  }
}

/**
 * Sends a review to a webhook and resolves with its parsed answer. Rejects with an Error whose message says why there
 * is none.
 */
export async function postReview(
  call: WebhookCall,
  webhook: WebhookAddress,
  what: { readonly store: Store; readonly body: Uint8Array },
): Promise<unknown> {
  let answer: WebhookAnswer;
  let shown = '';
  try {
    const { url, options } = orderOf(webhook, what.store);
    shown = `Post ${JSON.stringify(url)}: `;
    answer = await call(url, what.body, options());
  } catch (error) {
    throw new Error(`${shown}${errorMessage(error)}`, { cause: error });
  }
  return readAnswer(answer);
}

/** Calls of webhooks: POST of JSON over TLS, by connections that are kept. */
import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import { bareHost } from '../../base/index.ts';
import type { CallOptions, WebhookCall } from '../../resources/index.ts';
import { answerTo, outwardLookup, refuseInward } from '../remote/index.ts';

const agentsMax = 256;

/**
 * Checks a webhook's certificate against the name by which it is called. Rejects when there is no answer in time; a
 * redirect is an answer, and is not followed. A URL is an administrator's word, as in Kubernetes. Where a Service leads
 * is the word of whoever may write it, so it does not lead to this machine itself.
 */
export function webhookCalls(): WebhookCall {
  const agents = new WebhookAgents();
  return async (url, body, options) => {
    if (options.connectTo !== undefined) refuseInward(options.connectTo.host);
    const { hostname, port, pathname, search, host } = new URL(url);
    const call = request({
      host: options.connectTo?.host ?? bareHost(hostname),
      port: options.connectTo?.port ?? (port === '' ? 443 : Number(port)),
      path: `${pathname}${search}`,
      method: 'POST',
      lookup: options.connectTo === undefined ? undefined : outwardLookup,
      agent: agents.of(options),
      headers: {
        host,
        'content-type': 'application/json',
        accept: 'application/json, */*',
        'user-agent': 'kube-apiserver-admission',
        'content-length': body.byteLength,
        ...(options.traceparent === undefined ? {} : { traceparent: options.traceparent }),
      },
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    return await answerTo(call, body);
  };
}

/** The connections to each webhook, kept for its next call. */
class WebhookAgents {
  readonly #agents = new Map<string, Agent>();

  of({ ca, serverName }: Pick<CallOptions, 'ca' | 'serverName'>): Agent {
    const key = `${serverName}\n${ca ?? ''}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    if (this.#agents.size >= agentsMax) this.#forget();
    // An address is no server name (RFC 6066); the certificate is then checked against where the connection leads.
    const servername = isIP(bareHost(serverName)) === 0 ? serverName : '';
    const made = new Agent({ keepAlive: true, servername, ca });
    this.#agents.set(key, made);
    return made;
  }

  #forget(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}

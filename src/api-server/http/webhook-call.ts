import { Agent, request } from 'node:https';
import type { CallOptions, WebhookCall } from '../../resources/index.ts';
import { answerTo } from '../remote/index.ts';

/** Connections to one webhook are kept for the next call. */
const agents = new Map<string, Agent>();
const agentsMax = 256;

function agentOf({ ca, serverName }: CallOptions): Agent {
  const key = `${serverName}\n${ca ?? ''}`;
  const known = agents.get(key);
  if (known !== undefined) return known;
  if (agents.size >= agentsMax) forgetAgents();
  const made = new Agent({ keepAlive: true, servername: serverName, ...(ca === undefined ? {} : { ca }) });
  agents.set(key, made);
  return made;
}

function forgetAgents(): void {
  for (const agent of agents.values()) agent.destroy();
  agents.clear();
}

/** POST of JSON to a webhook, its certificate checked against the name it is called by. */
export const callWebhook: WebhookCall = (url, body, options) => {
  const { hostname, port, pathname, search, host } = new URL(url);
  const call = request({
    host: options.connectTo?.host ?? hostname,
    port: options.connectTo?.port ?? (port === '' ? 443 : Number(port)),
    path: `${pathname}${search}`,
    method: 'POST',
    agent: agentOf(options),
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
  return answerTo(call, body);
};

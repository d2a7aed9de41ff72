import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { limits } from '../../base/index.ts';
import type { CallOptions, WebhookCall } from '../../resources/index.ts';

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
export const callWebhook: WebhookCall = (url, body, options) => new Promise((resolve, reject) => {
  const { hostname, port, pathname, search, host } = new URL(url);
  const call = request({
    host: options.connectTo?.host ?? hostname, port: options.connectTo?.port ?? (port === '' ? 443 : Number(port)), path: `${pathname}${search}`, method: 'POST',
    agent: agentOf(options), headers: { host, 'content-type': 'application/json', accept: 'application/json, */*', 'user-agent': 'kube-apiserver-admission', 'content-length': body.byteLength },
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  call.on('response', (answer) => { collect(answer).then(resolve, reject); });
  call.on('error', (error) => { reject(new Error(error.name === 'TimeoutError' || error.name === 'AbortError' ? 'context deadline exceeded' : error.message)); });
  call.end(body);
});

async function collect(answer: IncomingMessage): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limits.requestBytesMax) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks) };
}

/** Calls of a service outside the cluster. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions, request as httpsRequest } from 'node:https';
import type { EndpointConfig } from './endpoint-config.ts';
import { answerTo, type RemoteAnswer } from './remote-answer.ts';

/** A service that is asked by POST of JSON. Rejects when there is no answer in time. */
interface RemoteEndpoint {
  post(body: Uint8Array): Promise<RemoteAnswer>;
  close(): void;
}

export function remoteEndpoint(
  config: EndpointConfig,
  options: { readonly timeoutMs: number; readonly userAgent: string },
): RemoteEndpoint {
  const secure = config.url.startsWith('https:');
  const agent = secure ? new HttpsAgent({ keepAlive: true, ...tlsOf(config) }) : new HttpAgent({ keepAlive: true });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': options.userAgent,
    ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }),
  };
  return {
    post: (body) =>
      answerTo(
        (secure ? httpsRequest : httpRequest)(config.url, {
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': body.byteLength },
          signal: AbortSignal.timeout(options.timeoutMs),
        }),
        body,
      ),
    close: () => {
      agent.destroy();
    },
  };
}

/** GET of a JSON document, such as an identity provider's keys. */
export async function getJson(
  url: string,
  options: { readonly ca?: string | undefined; readonly timeoutMs: number },
): Promise<unknown> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const answer = await answerTo(
    send(url, {
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(options.timeoutMs),
      ca: options.ca,
    }),
    undefined,
  );
  if (answer.status !== 200) throw new Error(`GET ${url} answered ${String(answer.status)}`);
  return JSON.parse(Buffer.from(answer.body).toString()) as unknown;
}

function tlsOf({ ca, certificate, key, serverName, insecure }: EndpointConfig): AgentOptions {
  return { ca, cert: certificate, key, servername: serverName, rejectUnauthorized: insecure !== true };
}

/** Requests and streams to the NATS door, as docs/nats.md describes them. */
import { subjectsOf } from '../../bus/index.ts';
import type { ApiReply, ApiRequest } from '../../protocol/index.ts';
import { ApiError } from './api-error.ts';
import { Exchanges } from './exchanges.ts';
import type { Headers, WirePorts } from './ports.ts';
import { Requests } from './requests.ts';
import { ClientStream, type OpenedStream, type StreamContent, type StreamListener } from './stream.ts';

export interface Wire {
  /** The answer to a request. Rejects with ApiError: what the API answered, or 503 when no answer came. */
  request(request: ApiRequest, headers?: Headers): Promise<ApiReply>;
  /** Opens a stream; `ended` may be called before this returns. */
  stream(request: ApiRequest, content: StreamContent, listener: StreamListener): OpenedStream;
  /** Ends what is under way. The bus stays open. */
  close(): void;
}

export function createWire(ports: WirePorts): Wire {
  const subjects = subjectsOf(ports.cluster);
  const exchanges = new Exchanges(ports.bus, subjects);
  const inner = { ...ports, exchanges, subject: subjects.api };
  const requests = new Requests(inner);
  return {
    request: async (request, headers = {}) => {
      const reply = await requests.send(request, headers);
      if (reply.status >= 200 && reply.status < 300) return reply;
      throw new ApiError(reply.status, reply.body);
    },
    stream: (request, content, listener) => new ClientStream(inner, { request, content, listener }),
    close: () => {
      exchanges.close();
      requests.close();
    },
  };
}

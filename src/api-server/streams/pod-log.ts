/** Answers pods/log: what a container wrote. */
import {
  badRequest,
  type FieldError,
  forbidden,
  invalid,
  invalidError,
  timeLayout,
  timeProblem,
} from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { LogOptions } from '../../protocol/index.ts';
import { integer } from '../list-options.ts';
import type { Query } from '../query.ts';
import { type ApiHttpResponse, type BodySink, type MessageSocket, noBytes, upgraded } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { connectNode, type NodeConnection, type NodeStreamPorts } from './node-connection.ts';
import { existingNode, podTarget } from './pod-target.ts';

export interface PodLogPorts extends NodeStreamPorts {
  readonly view: ResourceView;
}

/** GET pods/log: the container's log as plain text, or over a WebSocket of protocol binary.k8s.io. */
export async function podLog(ports: PodLogPorts, context: RequestContext): Promise<ApiHttpResponse> {
  const { namespace, name } = context.info;
  const options = logOptions(context.query, name);
  const target = podTarget(ports.view, { namespace, name, container: context.query.get('container') ?? '' });
  if (target.node === undefined) return { status: 204, headers: {}, body: noBytes };
  const { pod, container } = target;
  const connection = await connectNode(ports, existingNode(ports.view, target.node), {
    type: 'logs',
    namespace,
    pod: name,
    uid: pod.metadata.uid ?? '',
    container,
    logs: options,
  });
  const { upgrade } = context.http;
  if (upgrade?.to === 'websocket') {
    const protocol =
      upgrade.protocols.find((known) => known === 'binary.k8s.io' || known === 'base64.binary.k8s.io') ?? '';
    return upgraded({
      protocol,
      run: (socket) => {
        toSocket(connection, socket, protocol === 'base64.binary.k8s.io');
      },
    });
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: (sink) => {
      toSink(connection, sink);
    },
  };
}

/** Sends what comes on channel 1 as a body. */
export function toSink(connection: NodeConnection, sink: BodySink): void {
  let held: (() => void)[] = [];
  sink.onDrain(() => {
    for (const taken of held.splice(0)) taken();
  });
  sink.onClose(() => {
    held = [];
    connection.end();
  });
  connection.listen({
    data: (_channel, data, taken) => {
      sink.write(data);
      if (sink.full) held.push(taken);
      else taken();
    },
    end: (channel) => {
      if (channel === undefined || channel === 1) sink.end();
    },
    drain: () => undefined,
  });
}

function toSocket(connection: NodeConnection, socket: MessageSocket, base64: boolean): void {
  const held: (() => void)[] = [];
  socket.onDrain(() => {
    for (const taken of held.splice(0)) taken();
  });
  socket.onClose(() => {
    connection.end();
  });
  connection.listen({
    data: (_channel, data, taken) => {
      if (socket.send(base64 ? Buffer.from(data).toString('base64') : data)) taken();
      else held.push(taken);
    },
    end: () => {
      socket.close(1000, '');
    },
    drain: () => undefined,
  });
}

/** PodLogOptions of the query, checked as Kubernetes does. */
function logOptions(query: Query, pod: string): LogOptions {
  const tailLines = integer(query.get('tailLines'));
  const limitBytes = integer(query.get('limitBytes'));
  const sinceSeconds = integer(query.get('sinceSeconds'));
  const sinceTime = timeOf(query.get('sinceTime'));
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  // Streams are not told apart by default in Kubernetes 1.33.
  if (query.get('stream') !== undefined) errors.push(forbidden('stream', 'may not be specified'));
  if (errors.length > 0) throw invalidError({ group: '', kind: 'PodLogOptions', name: pod, errors });
  const flagged = (name: string): true | undefined => (query.flag(name) ? true : undefined);
  return {
    follow: flagged('follow'),
    previous: flagged('previous'),
    timestamps: flagged('timestamps'),
    tailLines,
    limitBytes,
    sinceSeconds,
    sinceTime: sinceTime === '' ? undefined : sinceTime,
  };
}

/** A time of the query as it is; '' where a client says that it has none. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text === '' || text === 'null') return '';
  const problem = timeProblem(text, timeLayout);
  if (problem !== undefined) throw badRequest(problem);
  return text;
}

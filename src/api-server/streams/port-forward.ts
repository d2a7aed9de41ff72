/** pods/portforward over a channel WebSocket or SPDY. */
import { badRequest, resources } from '../../api/index.ts';
import { type ApiHttpResponse, type MessageSocket, upgraded, utf8 } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import type { ChannelProtocol } from './channel-protocol.ts';
import { connectNode, type NodeConnection } from './node-connection.ts';
import { acceptedProtocol, spdyUpgrade } from './pod-exec.ts';
import type { PodLogPorts } from './pod-log.ts';
import { nodeOf, podTarget } from './pod-target.ts';
import { portForwardOverSpdy } from './spdy-streams.ts';
import { messageOf } from './stream-status.ts';

/** Channels of the agent's stream: bytes to the pod, bytes from the pod, what went wrong. */
const [toPod, , , agentError] = [0, 1, 2, 3];

/**
 * pods/portforward over a channel WebSocket: two channels a port, one for the bytes and one for errors, each begun by
 * the port's number.
 */
export async function portForward(ports: PodLogPorts, context: RequestContext): Promise<ApiHttpResponse> {
  const { namespace, name } = context.info;
  const firstContainer = firstContainerOf(ports, namespace, name);
  const target = podTarget(ports.view, { namespace, name, container: firstContainer });
  const node = nodeOf(ports.view, target);
  const open = {
    type: 'port-forward' as const,
    namespace,
    pod: name,
    uid: target.pod.metadata.uid ?? '',
    container: target.container,
  };
  const connect = (port: number): Promise<NodeConnection> => connectNode(ports, node, { ...open, port });
  const tunnel = spdyProtocol(context);
  if (tunnel !== undefined)
    return upgraded({
      protocol: tunnel,
      run: (socket) => {
        portForwardOverSpdy(socket, connect);
      },
    });
  const protocol = acceptedProtocol(context);
  const numbers = portsOf(context);
  const connections = await Promise.all(numbers.map(connect));
  return upgraded({
    protocol: protocol.name,
    run: (socket) => {
      join(connections, socket, { protocol, numbers });
    },
  });
}

/** SPDY itself, or SPDY inside a WebSocket, as kubectl does it; undefined: the channel protocol. */
function spdyProtocol(context: RequestContext): string | undefined {
  const { upgrade } = context.http;
  if (upgrade?.to === spdyUpgrade) return 'portforward.k8s.io';
  return upgrade?.protocols.find((name) => name === 'SPDY/3.1+portforward.k8s.io');
}

function firstContainerOf(ports: PodLogPorts, namespace: string, name: string): string {
  const pod = ports.view.get<{ readonly spec?: { readonly containers?: readonly { readonly name: string }[] } }>(
    resources.pods,
    namespace,
    name,
  );
  return pod?.spec?.containers?.[0]?.name ?? '';
}

function portsOf(context: RequestContext): readonly number[] {
  const numbers = context.query
    .all('ports')
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '')
    .map(Number);
  if (numbers.length === 0) throw badRequest('query parameter "ports" is required');
  for (const port of numbers)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw badRequest(`port ${port} must be between 1 and 65535, inclusive`);
  return numbers;
}

interface Forwarding {
  readonly protocol: ChannelProtocol;
  /** The pod's ports, in the order of the connections. */
  readonly numbers: readonly number[];
}

function join(connections: readonly NodeConnection[], socket: MessageSocket, { protocol, numbers }: Forwarding): void {
  const held: (() => void)[] = [];
  socket.onDrain(() => {
    for (const taken of held.splice(0)) taken();
  });
  socket.onClose(() => {
    for (const connection of connections) connection.leave();
  });
  socket.onMessage((bytes) => {
    const message = protocol.decode(bytes);
    if (message === undefined || message.channel % 2 !== 0) return;
    const connection = connections[message.channel / 2];
    if (message.type === 'close') connection?.end(toPod);
    else if (connection?.send(toPod, message.data) === false) socket.hold(true);
  });
  let open = connections.length;
  for (const [i, connection] of connections.entries()) {
    const head = portBytes(numbers[i] ?? 0);
    socket.send(protocol.encode(2 * i, head));
    socket.send(protocol.encode(2 * i + 1, head));
    connection.listen({
      data: (channel, data, taken) => {
        const sent = socket.send(
          channel === agentError ? protocol.encode(2 * i + 1, messageOf(data)) : protocol.encode(2 * i, data),
        );
        if (sent) taken();
        else held.push(taken);
      },
      end: (channel, failure) => {
        if (channel !== undefined) return;
        if (failure !== undefined) socket.send(protocol.encode(2 * i + 1, utf8(failure)));
        open -= 1;
        if (open === 0) socket.close(1000, '');
      },
      drain: () => {
        socket.hold(false);
      },
    });
  }
}

/** The port as two bytes, little end first. */
function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port & 0xff, port >> 8);
}

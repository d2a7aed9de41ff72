import { badRequest } from '../../api/index.ts';
import type { OpenStream } from '../../protocol/index.ts';
import type { Query } from '../query.ts';
import { type ApiHttpResponse, type MessageSocket, noBytes, textOf, utf8 } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { type ChannelProtocol, chosenProtocol } from './channel-protocol.ts';
import { connectNode, type NodeConnection } from './node-connection.ts';
import type { PodLogPorts } from './pod-log.ts';
import { nodeOf, podTarget } from './pod-target.ts';

const [stdin, stdout, stderr, errors, resize] = [0, 1, 2, 3, 4];

/** pods/exec and pods/attach over a WebSocket. Everything that can be refused is refused before the connection is upgraded. */
export async function podExec(ports: PodLogPorts, context: RequestContext, type: 'exec' | 'attach'): Promise<ApiHttpResponse> {
  const { namespace, name } = context.info;
  const { query } = context;
  const wanted = streamsOf(query, type);
  const target = podTarget(ports.view, { namespace, name, container: query.get('container') ?? '' });
  const node = nodeOf(ports.view, target);
  const protocol = acceptedProtocol(context);
  const open: Omit<OpenStream, 'toDoor'> = { type, namespace, pod: name, uid: target.pod.metadata.uid ?? '', container: target.container, ...wanted };
  const connection = await connectNode(ports, node, open);
  return { status: 101, headers: {}, body: noBytes, upgrade: { protocol: protocol.name, run: (socket) => { join(connection, socket, { protocol, wanted }); } } };
}

interface Wanted {
  readonly command?: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

function streamsOf(query: Query, type: 'exec' | 'attach'): Wanted {
  const tty = query.flag('tty');
  const wanted = { stdin: query.flag('stdin'), stdout: query.flag('stdout'), stderr: query.flag('stderr') && !tty, tty };
  return type === 'exec' ? { command: query.all('command'), ...wanted } : wanted;
}

/** The channel protocol to speak. Throws the 400 that clients understand as "no WebSocket here". */
export function acceptedProtocol(context: RequestContext): ChannelProtocol {
  const { upgrade } = context.http;
  if (upgrade === undefined) throw badRequest('Upgrade request required');
  if (upgrade.to !== 'websocket') throw badRequest(`unable to upgrade: this server speaks WebSocket (v5.channel.k8s.io), not ${upgrade.to}`);
  const protocol = chosenProtocol(upgrade.protocols);
  if (protocol === undefined) throw badRequest(`unable to upgrade: none of the protocols ${upgrade.protocols.join(', ')} is known`);
  return protocol;
}

function join(connection: NodeConnection, socket: MessageSocket, { protocol, wanted }: { readonly protocol: ChannelProtocol; readonly wanted: Wanted }): void {
  const held: (() => void)[] = [];
  // An empty message tells the client that the streams stand.
  socket.send(protocol.encode(wanted.stdout ? stdout : wanted.stderr ? stderr : errors, noBytes));
  socket.onDrain(() => { for (const taken of held.splice(0)) taken(); });
  socket.onClose(() => { connection.end(); });
  socket.onMessage((bytes) => {
    const message = protocol.decode(bytes);
    if (message === undefined || (message.channel !== stdin && message.channel !== resize)) return;
    if (message.type === 'close') connection.end(message.channel);
    else if (message.data.byteLength > 0 && !connection.send(message.channel, message.data)) socket.hold(true);
  });
  connection.listen({
    data: (channel, data, taken) => {
      const bytes = channel === errors && !protocol.status ? plainError(data) : data;
      if (bytes.byteLength === 0 || socket.send(protocol.encode(channel, bytes))) taken();
      else held.push(taken);
    },
    end: (channel, failure) => {
      if (channel !== undefined) return;
      if (failure !== undefined) socket.send(protocol.encode(errors, utf8(protocol.status ? failureStatus(failure) : failure)));
      socket.close(1000, '');
    },
    drain: () => { socket.hold(false); },
  });
}

function failureStatus(message: string): string {
  return JSON.stringify({ metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 });
}

/** What protocols before v4 say on the error channel: nothing on success, else the message. */
function plainError(data: Uint8Array): Uint8Array {
  try {
    const status = JSON.parse(textOf(data)) as { readonly status?: string; readonly message?: string };
    return status.status === 'Success' ? noBytes : utf8(status.message ?? '');
  } catch {
    return data;
  }
}

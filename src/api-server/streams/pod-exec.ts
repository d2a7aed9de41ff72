/** pods/exec and pods/attach. */
import { badRequest, type JsonObject } from '../../api/index.ts';
import type { OpenStream } from '../../protocol/index.ts';
import { type ApiHttpResponse, headersOf, type MessageSocket, noBytes, upgraded, utf8 } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { type ChannelProtocol, chosenProtocol } from './channel-protocol.ts';
import { connectNode, type NodeConnection } from './node-connection.ts';
import type { PodLogPorts } from './pod-log.ts';
import { nodeOf, podTarget } from './pod-target.ts';
import { execOverSpdy } from './spdy-streams.ts';
import { failureStatus, messageOf } from './stream-status.ts';

const [stdin, stdout, stderr, errors, resize] = [0, 1, 2, 3, 4];

interface PodCommand {
  readonly type: 'exec' | 'attach';
  /** PodExecOptions or PodAttachOptions, as admission let them pass. */
  readonly options: JsonObject;
}

/**
 * pods/exec and pods/attach over a WebSocket or SPDY. Everything that can be refused is refused before the connection
 * is upgraded.
 */
export async function podExec(
  ports: PodLogPorts,
  context: RequestContext,
  { type, options }: PodCommand,
): Promise<ApiHttpResponse> {
  const { namespace, name } = context.info;
  const wanted = streamsOf(options, type);
  const { container } = options;
  const target = podTarget(ports.view, { namespace, name, container: typeof container === 'string' ? container : '' });
  const node = nodeOf(ports.view, target);
  const spdy = acceptedSpdy(context);
  const protocol = spdy === undefined ? acceptedProtocol(context) : undefined;
  const open: Omit<OpenStream, 'toDoor'> = {
    type,
    namespace,
    pod: name,
    uid: target.pod.metadata.uid ?? '',
    container: target.container,
    ...wanted,
  };
  const connection = await connectNode(ports, node, open);
  return upgraded({
    protocol: protocol?.name ?? spdy ?? '',
    run: (socket) => {
      if (protocol === undefined) execOverSpdy(connection, socket, spdyOptions(spdy ?? '', wanted));
      else join(connection, socket, { protocol, wanted });
    },
  });
}

interface Wanted {
  readonly command?: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Of the options as admission let them pass. */
function streamsOf(
  { stdin: input, stdout: output, stderr: problems, tty: terminal, command }: JsonObject,
  type: 'exec' | 'attach',
): Wanted {
  const tty = terminal === true;
  const wanted = { stdin: input === true, stdout: output === true, stderr: problems === true && !tty, tty };
  return type === 'exec' ? { command: Array.isArray(command) ? command.map(String) : [], ...wanted } : wanted;
}

/** What SPDY is called in an Upgrade header. */
export const spdyUpgrade = 'spdy/3.1';
const spdyProtocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];

/** The stream protocol of a client that comes with SPDY (kubectl before 1.31); undefined for all others. */
function acceptedSpdy(context: RequestContext): string | undefined {
  if (context.http.upgrade?.to !== spdyUpgrade) return undefined;
  const offered = headersOf(context.http.headers, 'x-stream-protocol-version')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim());
  const protocol = offered.length === 0 ? 'channel.k8s.io' : spdyProtocols.find((name) => offered.includes(name));
  if (protocol === undefined)
    throw badRequest(`unable to upgrade: none of the protocols ${offered.join(', ')} is known`);
  return protocol;
}

/**
 * How many streams the client will open: one for each channel, one for errors, and one for the terminal's size from v3
 * on.
 */
function spdyOptions(protocol: string, wanted: Wanted): { readonly streams: number; readonly status: boolean } {
  const resized = wanted.tty && (protocol.startsWith('v3') || protocol.startsWith('v4'));
  return {
    streams: 1 + [wanted.stdin, wanted.stdout, wanted.stderr, resized].filter(Boolean).length,
    status: protocol.startsWith('v4'),
  };
}

/** The channel protocol to speak. Throws the 400 that clients understand as "no WebSocket here". */
export function acceptedProtocol(context: RequestContext): ChannelProtocol {
  const { upgrade } = context.http;
  if (upgrade === undefined) throw badRequest('Upgrade request required');
  if (upgrade.to !== 'websocket')
    throw badRequest(`unable to upgrade: this server speaks WebSocket (v5.channel.k8s.io), not ${upgrade.to}`);
  const protocol = chosenProtocol(upgrade.protocols);
  if (protocol === undefined)
    throw badRequest(`unable to upgrade: none of the protocols ${upgrade.protocols.join(', ')} is known`);
  return protocol;
}

interface Conversation {
  readonly protocol: ChannelProtocol;
  readonly wanted: Wanted;
}

function join(connection: NodeConnection, socket: MessageSocket, { protocol, wanted }: Conversation): void {
  const held: (() => void)[] = [];
  // An empty message tells the client that the streams stand.
  socket.send(protocol.encode(wanted.stdout ? stdout : wanted.stderr ? stderr : errors, noBytes));
  socket.onDrain(() => {
    for (const taken of held.splice(0)) taken();
  });
  socket.onClose(() => {
    connection.end();
  });
  socket.onMessage((bytes) => {
    const message = protocol.decode(bytes);
    if (message === undefined || (message.channel !== stdin && message.channel !== resize)) return;
    if (message.type === 'close') connection.end(message.channel);
    else if (message.data.byteLength > 0 && !connection.send(message.channel, message.data)) socket.hold(true);
  });
  connection.listen({
    data: (channel, data, taken) => {
      const bytes = channel === errors && !protocol.status ? messageOf(data) : data;
      if (bytes.byteLength === 0 || socket.send(protocol.encode(channel, bytes))) taken();
      else held.push(taken);
    },
    end: (channel, failure) => {
      if (channel !== undefined) return;
      if (failure !== undefined)
        socket.send(protocol.encode(errors, protocol.status ? failureStatus(failure) : utf8(failure)));
      socket.close(1000, '');
    },
    drain: () => {
      socket.hold(false);
    },
  });
}

/** The channel protocols of Kubernetes' WebSockets. */
import { textOf } from '../request.ts';

/** One message of a channel protocol: bytes of a channel, or the end of one (v5 only). */
type ChannelMessage =
  | { readonly type: 'data'; readonly channel: number; readonly data: Uint8Array }
  | { readonly type: 'close'; readonly channel: number };

/**
 * The channel protocols of Kubernetes' WebSockets: each message begins with its channel, as a byte or, in the base64
 * variants, as a digit before base64 text. v5 adds the half close: channel 255, then the channel that ends.
 */
export interface ChannelProtocol {
  readonly name: string;
  /** Channel 3 carries a Status (v4 and later); before, it carries nothing on success. */
  readonly status: boolean;
  encode(channel: number, data: Uint8Array): Uint8Array | string;
  decode(message: Uint8Array): ChannelMessage | undefined;
}

const closeChannel = 255;

const binaryProtocol = (
  name: string,
  options: { readonly status: boolean; readonly halfClose: boolean },
): ChannelProtocol => ({
  name,
  status: options.status,
  encode: (channel, data) => {
    const message = new Uint8Array(data.byteLength + 1);
    message[0] = channel;
    message.set(data, 1);
    return message;
  },
  decode: (message) => {
    const [channel, ended] = message;
    if (channel === undefined) return undefined;
    if (options.halfClose && channel === closeChannel)
      return ended === undefined ? undefined : { type: 'close', channel: ended };
    return { type: 'data', channel, data: message.subarray(1) };
  },
});

const base64Protocol = (name: string, options: { readonly status: boolean }): ChannelProtocol => ({
  name,
  status: options.status,
  encode: (channel, data) => `${channel}${Buffer.from(data).toString('base64')}`,
  decode: (message) => {
    const channel = (message[0] ?? 0) - 48;
    return channel < 0 || channel > 9
      ? undefined
      : { type: 'data', channel, data: Buffer.from(textOf(message.subarray(1)), 'base64') };
  },
});

/** In the order in which they are preferred. */
const protocols: readonly ChannelProtocol[] = [
  binaryProtocol('v5.channel.k8s.io', { status: true, halfClose: true }),
  binaryProtocol('v4.channel.k8s.io', { status: true, halfClose: false }),
  base64Protocol('v4.base64.channel.k8s.io', { status: true }),
  binaryProtocol('v3.channel.k8s.io', { status: false, halfClose: false }),
  binaryProtocol('v2.channel.k8s.io', { status: false, halfClose: false }),
  binaryProtocol('channel.k8s.io', { status: false, halfClose: false }),
  base64Protocol('base64.channel.k8s.io', { status: false }),
];
const unnamed = binaryProtocol('', { status: false, halfClose: false });

/** The best protocol that the client speaks; a client that names none gets the oldest. */
export function chosenProtocol(offered: readonly string[]): ChannelProtocol | undefined {
  const named = offered.filter((name) => !name.startsWith('base64url.bearer.authorization.k8s.io.'));
  return named.length === 0 ? unnamed : protocols.find((protocol) => named.includes(protocol.name));
}

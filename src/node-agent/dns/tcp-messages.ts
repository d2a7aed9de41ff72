/** DNS messages on a TCP stream (RFC 1035, section 4.2.2). */
import type { Socket } from 'node:net';

/** A message with its length before it, as DNS travels over TCP (RFC 1035 section 4.2.2). */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length, 0);
  return Buffer.concat([head, message]);
}

/** Calls with each whole message that comes. */
export function messagesOf(socket: Socket, each: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const length = rest.readUInt16BE(0);
      const message = rest.subarray(2, 2 + length);
      rest = rest.subarray(2 + length);
      each(message);
    }
  });
}

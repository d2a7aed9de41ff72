/**
 * What runs in a pod of the lane: tells everybody who asks its name and the address that it sees them by. TCP says so
 * at once and then gives back what it hears, or goes on by itself if told to; UDP and HTTP say so for each message.
 *   node answering.ts NAME PORT,PORT… HTTP-PORT
 */
import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { goOn } from './probe.ts';

const [, , pod = '', ports = '', httpPort = '0'] = process.argv;
const plain = (address: string | undefined): string => (address ?? '').replace('::ffff:', '');

for (const port of ports.split(',').map(Number)) {
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${JSON.stringify({ pod, peer: plain(socket.remoteAddress) })}\n`);
    socket.pipe(socket);
    socket.once('data', (heard) => {
      if (heard.toString() !== goOn) return;
      const speaking = setInterval(() => {
        if (socket.writableLength === 0) socket.write('.\n');
      }, 25);
      socket.on('close', () => {
        clearInterval(speaking);
      });
    });
  }).listen({ port, backlog: 4096 });
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.on('message', (_message, from) => {
    socket.send(`${JSON.stringify({ pod, peer: from.address })}\n`, from.port, from.address, () => undefined);
  });
  socket.bind(port);
}
createHttpServer((request, response) => {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '');
  response.end(`${JSON.stringify({ pod, peer: forwarded || plain(request.socket.remoteAddress) })}\n`);
}).listen(Number(httpPort));
// A pod that is told to end goes on answering, for as long as it is let.
process.on('SIGTERM', () => undefined);

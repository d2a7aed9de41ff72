/** A pod that costs next to nothing: answers each request without a body with 1 KiB. Prints its port. */
import { type AddressInfo, createServer } from 'node:net';

const body = 'x'.repeat(1024);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const end = '\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => {
    socket.destroy();
  });
  socket.setEncoding('latin1').on('data', (piece: string) => {
    rest += piece;
    for (let at = rest.indexOf(end); at >= 0; at = rest.indexOf(end)) {
      rest = rest.slice(at + end.length);
      socket.write(answer);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

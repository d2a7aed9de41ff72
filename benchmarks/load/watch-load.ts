/**
 * Opens watches and counts what they deliver. Runs as a child of the benchmark: takes a WatchLoad as JSON argument,
 * prints `open` when all watches stand, then `done <ms since the epoch>` when all events came, or when `end` is written
 * to its input, what came by then.
 */
import { connect } from 'node:tls';

export interface WatchLoad {
  readonly port: number;
  readonly token: string;
  readonly watches: number;
  readonly path: string;
  /** Of all watches together, after which it is done. */
  readonly events: number;
}

const { port, token, watches, path, events } = JSON.parse(process.argv[2] ?? '{}') as WatchLoad;
/** Watches that are opened at the same time. */
const opening = 32;
let begun = 0;
let opened = 0;
let ended = 0;
let delivered = 0;
let done = false;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function report(): void {
  if (done) return;
  done = true;
  say(`done ${JSON.stringify({ atMs: performance.timeOrigin + performance.now(), delivered, ended })}`);
}

/** Each event is a line of its own; the lines of the chunked encoding end with a carriage return. */
function eventCounter(): (data: Buffer) => number {
  let last = 0;
  return (data) => {
    let count = 0;
    for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1))
      if ((at === 0 ? last : data[at - 1]) !== 13) count += 1;
    last = data[data.length - 1] ?? last;
    return count;
  };
}

function open(): void {
  if (begun >= watches) return;
  begun += 1;
  const count = eventCounter();
  let standing = false;
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nAccept: ` +
        'application/json\r\n\r\n',
    );
  });
  socket.on('data', (data: Buffer) => {
    if (!standing) {
      standing = true;
      opened += 1;
      if (opened === watches) say('open');
      open();
    }
    delivered += count(data);
    if (delivered >= events) report();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended += 1;
  });
}

for (let i = 0; i < opening; i++) open();
process.stdin.on('data', report);
process.stdin.on('end', () => {
  process.exit(0);
});

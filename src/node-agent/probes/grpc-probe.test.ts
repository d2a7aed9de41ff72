import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { runGrpc } from './grpc-probe.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** Probes a server that answers so. It is told the message that it was sent, without its frame. */
async function probed(
  t: ExecutionContext,
  answer: (stream: ServerHttp2Stream, message: Buffer) => void,
  service = '',
): Promise<ProbeOutcome> {
  const server = createServer().listen(0, '127.0.0.1');
  server.on('stream', (stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
    });
    stream.on('end', () => {
      answer(stream, Buffer.concat(chunks).subarray(5));
    });
  });
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return runGrpc('127.0.0.1', { port, service }, 2000);
}

const head = { ':status': 200, 'content-type': 'application/grpc' };

function say(stream: ServerHttp2Stream, status: number): void {
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': '0' });
  });
  stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]));
}

test('a server that serves passes, one that does not fails with its word', async (t) => {
  const outcome = (status: number): Promise<ProbeOutcome> =>
    probed(t, (stream) => {
      say(stream, status);
    });
  t.deepEqual(await outcome(1), { passed: true, message: '' });
  t.deepEqual(await outcome(2), { passed: false, message: 'service unhealthy (responded with "NOT_SERVING")' });
  t.regex((await outcome(3)).message, /"SERVICE_UNKNOWN"/);
});

test('a server that lacks the health service, or the one asked for, is told apart from one that is ill', async (t) => {
  const outcome = (code: string, message: string): Promise<ProbeOutcome> =>
    probed(t, (stream) => {
      stream.respond({ ...head, 'grpc-status': code, 'grpc-message': message }, { endStream: true });
    });
  t.deepEqual(await outcome('12', 'unknown%20service'), {
    passed: false,
    message: 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service',
  });
  t.regex((await outcome('5', 'unknown service')).message, /^error: health rpc probe failed: .*unknown service$/);
});

test('the name of a service may be long', async (t) => {
  const service = 's'.repeat(300);
  const sent: string[] = [];
  const outcome = await probed(
    t,
    (stream, message) => {
      sent.push(message.subarray(0, 3).toString('hex'), message.subarray(3).toString());
      say(stream, 1);
    },
    service,
  );
  t.true(outcome.passed);
  t.deepEqual(sent, ['0aac02', service]);
});

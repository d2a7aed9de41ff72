/** Asks the health service of a gRPC server (grpc.health.v1.Health/Check): one unary call over cleartext HTTP/2. */
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { joinHostPort } from '../../base/index.ts';
import type { GRPCAction } from '../../api/index.ts';
import { connectMessage } from './connect-message.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** The server must answer within `timeoutMs` that it is SERVING. Never rejects. */
export function runGrpc(host: string, action: GRPCAction, timeoutMs: number): Promise<ProbeOutcome> {
  const where = joinHostPort(host, action.port);
  return new Promise((resolve) => {
    const session = connectHttp2(`http://${where}`);
    const end = (outcome: ProbeOutcome): void => {
      session.destroy();
      resolve(outcome);
    };
    const fail = (message: string): void => {
      end({ passed: false, message });
    };
    const within = `service "${where}" within ${timeoutMs / 1000}s`;
    session.on('error', (error) => {
      fail(`timeout: failed to connect ${within}: ${connectMessage(error, host, action.port)}`);
    });
    session.setTimeout(timeoutMs, () => {
      const what = session.connecting ? 'connect' : 'get an answer of';
      fail(`timeout: failed to ${what} ${within}: context deadline exceeded`);
    });
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    // An answer of a status alone has it in its head.
    let trailers: IncomingHttpHeaders = {};
    const take = (headers: IncomingHttpHeaders): void => {
      trailers = { ...trailers, ...headers };
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
    });
    stream.on('error', (error) => {
      // What ends the connection is the session's to tell, after this.
      if (!session.destroyed) fail(`error: health rpc probe failed: ${error.message}`);
    });
    stream.on('end', () => {
      end(outcomeOf(trailers, Buffer.concat(chunks).subarray(5)));
    });
    stream.end(requestOf(action.service ?? ''));
  });
}

/** The message with the service's name, in its frame. */
function requestOf(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

const unimplemented = 12;
/** Of the answer's only field, a server's status. */
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

function outcomeOf(trailers: IncomingHttpHeaders, body: Buffer): ProbeOutcome {
  const code = Number(trailers['grpc-status'] ?? 0);
  const said = textOf(String(trailers['grpc-message'] ?? ''));
  if (code === unimplemented)
    return {
      passed: false,
      message: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${said}`,
    };
  if (code !== 0) return { passed: false, message: `error: health rpc probe failed: code = ${code} desc = ${said}` };
  const status = body[0] === 0x08 ? (statuses[body[1] ?? 0] ?? String(body[1])) : 'UNKNOWN';
  return status === 'SERVING'
    ? { passed: true, message: '' }
    : { passed: false, message: `service unhealthy (responded with "${status}")` };
}

/** gRPC writes messages percent-encoded; what is not is shown as it is. */
function textOf(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

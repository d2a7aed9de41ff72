/** Calls the gRPC services of a plug-in at a unix socket. */
import { Client, credentials, Metadata, status as grpcStatus } from '@grpc/grpc-js';
import type { Clock } from '../base/index.ts';
import { decodeGrpc, encodeGrpc, type GrpcMessage } from './codec.ts';
import type { GrpcSchema } from './schema.ts';

/** sun_path of unix(7), without its end. */
const socketPathBytesMax = 107;

/** A call that failed. `code`: gRPC's status (grpcCodes); its message is the plug-in's own. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The methods of one service. A call rejects with GrpcError: when it fails, and at its deadline, whatever happens. */
type GrpcService = (
  method: string,
  request: GrpcMessage,
  options: { readonly deadlineMs: number },
) => Promise<GrpcMessage>;

interface Place {
  readonly socketPath: string;
  readonly clock: Clock;
}

/** A service of the plug-in at `socketPath`. Nothing is opened before a call, and nothing stays open after it. */
export function grpcService(schema: GrpcSchema, service: string, { socketPath, clock }: Place): GrpcService {
  return async (method, request, { deadlineMs }) => {
    const called = methodOf(schema, service, method);
    assertPath(socketPath);
    const client = clientAt(socketPath);
    try {
      return await unary(client, { ...called, request, deadline: clock.now() + deadlineMs });
    } finally {
      client.close();
    }
  };
}

/** What a stream of answers tells: each message, and once why it ended (undefined: the server ended it). */
interface StreamListener {
  readonly message: (message: GrpcMessage) => void;
  readonly end: (error: GrpcError | undefined) => void;
}

/** Calls over one connection, which is opened by the first call and again after a loss. */
interface GrpcConnection {
  call(service: string, method: string, request: GrpcMessage, options: { deadlineMs: number }): Promise<GrpcMessage>;
  /** After `close` nothing is told any more. */
  stream(service: string, method: string, request: GrpcMessage, listener: StreamListener): { close(): void };
  close(): void;
}

/** For a server that is called all the time; several services at one socket. */
export function grpcConnection(schema: GrpcSchema, { socketPath, clock }: Place): GrpcConnection {
  const client = clientAt(socketPath, keptOptions);
  return {
    call: async (service, method, request, { deadlineMs }) => {
      const called = methodOf(schema, service, method);
      assertPath(socketPath);
      return await unary(client, { ...called, request, deadline: clock.now() + deadlineMs });
    },
    stream: (service, method, request, listener) => {
      const { path, encode, decode } = methodOf(schema, service, method);
      const call = client.makeServerStreamRequest(path, encode, decode, request);
      let over = false;
      const end = (error: GrpcError | undefined): void => {
        if (over) return;
        over = true;
        listener.end(error);
      };
      call.on('data', (message: GrpcMessage) => {
        if (!over) listener.message(message);
      });
      call.on('error', (error: Error & { readonly code?: number; readonly details?: string }) => {
        end(new GrpcError(error.code ?? grpcStatus.UNKNOWN, error.details ?? error.message));
      });
      call.on('end', () => {
        end(undefined);
      });
      return {
        close: () => {
          over = true;
          call.cancel();
        },
      };
    },
    close: () => {
      client.close();
    },
  };
}

const plainOptions = { 'grpc.enable_retries': 0, 'grpc.use_local_subchannel_pool': 1 };
/** A server that was restarted is met again soon; lists of a full machine are longer than gRPC's usual 4 MiB. */
const keptOptions = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.max_receive_message_length': 64 * 2 ** 20,
};

const clientAt = (socketPath: string, more: object = {}): Client =>
  new Client(`unix:${socketPath}`, credentials.createInsecure(), { ...plainOptions, ...more });

function assertPath(socketPath: string): void {
  if (Buffer.byteLength(socketPath) > socketPathBytesMax)
    throw new GrpcError(
      grpcStatus.INVALID_ARGUMENT,
      `the path of the socket is longer than ${socketPathBytesMax} bytes: ${socketPath}`,
    );
}

interface CalledMethod {
  readonly path: string;
  readonly encode: (message: GrpcMessage) => Buffer;
  readonly decode: (bytes: Buffer) => GrpcMessage;
}

function methodOf(schema: GrpcSchema, service: string, method: string): CalledMethod {
  const types = schema.services.get(service)?.get(method);
  if (types === undefined) throw new RangeError(`${schema.package}.${service} has no method ${method}`);
  return {
    path: `/${schema.package}.${service}/${method}`,
    encode: (message) => Buffer.from(encodeGrpc(schema, types.request, message)),
    decode: (bytes) => decodeGrpc(schema, types.response, bytes),
  };
}

interface UnaryCall extends CalledMethod {
  readonly request: GrpcMessage;
  /** Wall-clock ms. */
  readonly deadline: number;
}

function unary(client: Client, { path, encode, decode, request, deadline }: UnaryCall): Promise<GrpcMessage> {
  return new Promise((resolve, reject) => {
    const settle = (error: { readonly code: number; readonly details: string } | null, answer?: GrpcMessage): void => {
      if (error !== null) reject(new GrpcError(error.code, error.details));
      else resolve(answer ?? {});
    };
    client.makeUnaryRequest(path, encode, decode, request, new Metadata(), { deadline }, settle);
  });
}

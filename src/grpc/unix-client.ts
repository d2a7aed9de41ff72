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

/** A service of the plug-in at `socketPath`. Nothing is opened before a call, and nothing stays open after it. */
export function grpcService(
  schema: GrpcSchema,
  service: string,
  { socketPath, clock }: { readonly socketPath: string; readonly clock: Clock },
): GrpcService {
  const methods = schema.services.get(service);
  if (methods === undefined) throw new RangeError(`${schema.package} has no service ${service}`);
  return async (method, request, { deadlineMs }) => {
    const types = methods.get(method);
    if (types === undefined) throw new RangeError(`${schema.package}.${service} has no method ${method}`);
    if (Buffer.byteLength(socketPath) > socketPathBytesMax)
      throw new GrpcError(
        grpcStatus.INVALID_ARGUMENT,
        `the path of the socket is longer than ${socketPathBytesMax} bytes: ${socketPath}`,
      );
    const client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
    });
    try {
      return await unary(client, {
        path: `/${schema.package}.${service}/${method}`,
        encode: (message) => Buffer.from(encodeGrpc(schema, types.request, message)),
        decode: (bytes) => decodeGrpc(schema, types.response, bytes),
        request,
        deadline: clock.now() + deadlineMs,
      });
    } finally {
      client.close();
    }
  };
}

interface UnaryCall {
  readonly path: string;
  readonly encode: (message: GrpcMessage) => Buffer;
  readonly decode: (bytes: Buffer) => GrpcMessage;
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

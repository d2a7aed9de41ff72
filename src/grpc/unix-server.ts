/** Serves gRPC at a unix socket: what a plug-in does. */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { decodeGrpc, encodeGrpc, type GrpcMessage } from './codec.ts';
import { grpcCodes } from './codes.ts';
import type { GrpcSchema } from './schema.ts';

/** Why a method refuses; the caller sees code and message. */
export class GrpcFailure extends Error {
  override readonly name = 'GrpcFailure';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The methods of one service. What a handler throws is INTERNAL unless it is a GrpcFailure. */
type GrpcHandlers = Readonly<Record<string, (request: never) => Promise<GrpcMessage> | GrpcMessage>>;

/** Services by name; methods that are missing answer UNIMPLEMENTED. Rejects when the socket cannot be opened. */
export async function serveGrpc(
  socketPath: string,
  services: readonly { readonly schema: GrpcSchema; readonly service: string; readonly handlers: GrpcHandlers }[],
): Promise<{ close(): void }> {
  const server = new Server();
  for (const { schema, service, handlers } of services) addService(server, { schema, service, handlers });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return {
    close: () => {
      server.forceShutdown();
    },
  };
}

interface Offered {
  readonly schema: GrpcSchema;
  readonly service: string;
  readonly handlers: GrpcHandlers;
}

function addService(server: Server, { schema, service, handlers }: Offered): void {
  for (const [method, types] of schema.services.get(service) ?? []) {
    const handler = handlers[method];
    if (handler === undefined) continue;
    const definition = {
      path: `/${schema.package}.${service}/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: GrpcMessage) => Buffer.from(encodeGrpc(schema, types.request, message)),
      requestDeserialize: (bytes: Buffer) => decodeGrpc(schema, types.request, bytes),
      responseSerialize: (message: GrpcMessage) => Buffer.from(encodeGrpc(schema, types.response, message)),
      responseDeserialize: (bytes: Buffer) => decodeGrpc(schema, types.response, bytes),
    };
    server.addService({ [method]: definition }, { [method]: answering(handler) });
  }
}

function answering(
  handler: (request: never) => Promise<GrpcMessage> | GrpcMessage,
): (call: ServerUnaryCall<GrpcMessage, GrpcMessage>, answer: sendUnaryData<GrpcMessage>) => void {
  return (call, answer) => {
    Promise.resolve()
      .then(() => handler(call.request as never))
      .then(
        (response) => {
          answer(null, response);
        },
        (error: unknown) => {
          const code = error instanceof GrpcFailure ? error.code : grpcCodes.internal;
          answer({ code, details: error instanceof Error ? error.message : String(error) });
        },
      );
  };
}

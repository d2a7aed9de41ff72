/** Serves gRPC at a unix socket: what a plug-in does. */
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
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

/** Methods that answer with any number of messages, by `send`, until the caller leaves or the server closes. */
type GrpcStreams = Readonly<Record<string, (request: never, send: (message: GrpcMessage) => void) => void>>;

interface Offered {
  readonly schema: GrpcSchema;
  readonly service: string;
  readonly handlers: GrpcHandlers;
  readonly streams?: GrpcStreams | undefined;
}

/** Services by name; methods that are missing answer UNIMPLEMENTED. Rejects when the socket cannot be opened. */
export async function serveGrpc(socketPath: string, services: readonly Offered[]): Promise<{ close(): void }> {
  const server = new Server();
  for (const offered of services) addService(server, offered);
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

function addService(server: Server, { schema, service, handlers, streams = {} }: Offered): void {
  for (const [method, types] of schema.services.get(service) ?? []) {
    const handler = handlers[method];
    const stream = streams[method];
    if (handler === undefined && stream === undefined) continue;
    const definition = {
      path: `/${schema.package}.${service}/${method}`,
      requestStream: false,
      responseStream: types.streams,
      requestSerialize: (message: GrpcMessage) => Buffer.from(encodeGrpc(schema, types.request, message)),
      requestDeserialize: (bytes: Buffer) => decodeGrpc(schema, types.request, bytes),
      responseSerialize: (message: GrpcMessage) => Buffer.from(encodeGrpc(schema, types.response, message)),
      responseDeserialize: (bytes: Buffer) => decodeGrpc(schema, types.response, bytes),
    };
    const implementation = handler === undefined ? streaming(stream) : answering(handler);
    server.addService({ [method]: definition }, { [method]: implementation });
  }
}

function streaming(handler: GrpcStreams[string] | undefined) {
  return (call: ServerWritableStream<GrpcMessage, GrpcMessage>): void => {
    handler?.(call.request as never, (message) => {
      if (!call.cancelled) call.write(message);
    });
  };
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

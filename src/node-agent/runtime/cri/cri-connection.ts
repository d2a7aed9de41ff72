/** Calls of a CRI runtime, with their deadlines; every failure is a RuntimeError. */
import { type Clock, errorMessage } from '../../../base/index.ts';
import { criTable, grpcCodes, grpcConnection, GrpcError, parseTable } from '../../../grpc/index.ts';
import { RuntimeError, type RuntimeErrorCode } from '../runtime.ts';

interface CallOptions {
  /** Default: that of a question. */
  readonly deadlineMs?: number | undefined;
}

/** The runtime at one socket. It may be away, hang, or be another one after a restart. */
export interface CriConnection {
  readonly socketPath: string;
  runtime<T>(method: string, request?: object, options?: CallOptions): Promise<T>;
  image<T>(method: string, request?: object, options?: CallOptions): Promise<T>;
  /** Its events, until it ends them; an older runtime has none. */
  events(told: () => void, ended: () => void): { close(): void };
  close(): void;
}

/** What is answered from memory. A runtime that takes longer is as good as away. */
const answerMs = 10_000;
/** What makes or removes; the kubelet's runtimeRequestTimeout. */
export const actionMs = 120_000;

interface ConnectOptions {
  readonly clock: Clock;
  readonly questionMs?: number | undefined;
}

export function connectCri(socketPath: string, { clock, questionMs = answerMs }: ConnectOptions): CriConnection {
  const connection = grpcConnection(parseTable(criTable), { socketPath, clock });
  const calls =
    (service: string) =>
    async <T>(method: string, request: object = {}, { deadlineMs = questionMs }: CallOptions = {}): Promise<T> => {
      try {
        return (await connection.call(service, method, { ...request }, { deadlineMs })) as T;
      } catch (error) {
        throw runtimeError(error, socketPath);
      }
    };
  return {
    socketPath,
    runtime: calls('RuntimeService'),
    image: calls('ImageService'),
    events: (told, ended) =>
      connection.stream('RuntimeService', 'GetContainerEvents', {}, { message: told, end: ended }),
    close: () => {
      connection.close();
    },
  };
}

const codes: Readonly<Record<number, RuntimeErrorCode>> = {
  [grpcCodes.invalidArgument]: 'invalid',
  [grpcCodes.notFound]: 'not-found',
  [grpcCodes.alreadyExists]: 'conflict',
  [grpcCodes.deadlineExceeded]: 'unreachable',
  [grpcCodes.unavailable]: 'unreachable',
};

function runtimeError(error: unknown, socketPath: string): RuntimeError {
  if (!(error instanceof GrpcError))
    return new RuntimeError('failed', `the container runtime answers nonsense: ${errorMessage(error)}`, error);
  const code = codes[error.code] ?? 'failed';
  const text = code === 'unreachable' ? `the container runtime at ${socketPath} did not answer: ` : '';
  return new RuntimeError(code, `${text}${error.message}`, error);
}

/** The call's result; undefined if it failed with this code. */
export async function ignoring<T>(code: RuntimeErrorCode, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === code) return undefined;
    throw error;
  }
}

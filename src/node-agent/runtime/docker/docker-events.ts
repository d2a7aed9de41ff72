/** The Docker Engine's events. */
import type { Readable } from 'node:stream';
import type { Timer, Timers } from '../../../base/index.ts';
import type { DockerConnection } from './docker-connection.ts';
import { RuntimeError, type RuntimeEvent } from '../runtime.ts';

interface DockerEvent {
  readonly Action?: string | undefined;
  readonly Actor?: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> } | undefined;
}

const types: Readonly<Record<string, 'started' | 'exited' | 'removed' | 'out-of-memory'>> = {
  start: 'started',
  die: 'exited',
  destroy: 'removed',
  oom: 'out-of-memory',
};
const reconnectMs = 250;

/** The engine's event stream, as lines of JSON; opened again after each loss. */
export function followDockerEvents(options: {
  readonly connection: DockerConnection;
  readonly timers: Timers;
  readonly labels: Readonly<Record<string, string>>;
  readonly listener: (event: RuntimeEvent) => void;
}): { close(): void } {
  const { connection, listener } = options;
  let closed = false;
  let source: Readable | undefined;
  let timer: Timer | undefined;
  const filters = JSON.stringify({
    type: ['container'],
    event: Object.keys(types),
    label: Object.entries(options.labels).map(([name, value]) => `${name}=${value}`),
  });
  const lost = (): void => {
    source = undefined;
    if (closed) return;
    listener({ type: 'disconnected' });
    timer = options.timers.after(reconnectMs, open);
  };
  const open = (): void => {
    connection.stream('GET', '/events', { query: { filters } }).then(
      (stream) => {
        if (closed) {
          stream.destroy();
          return;
        }
        source = stream;
        readObjects<DockerEvent>(stream, (event) => {
          tellEvent(event, listener);
        });
        stream.once('close', lost);
        listener({ type: 'connected' });
      },
      () => {
        if (!closed) timer = options.timers.after(reconnectMs, open);
      },
    );
  };
  open();
  return {
    close: () => {
      closed = true;
      timer?.cancel();
      source?.destroy();
    },
  };
}

/** No line of the engine is longer; one that never ends would fill the memory. */
const lineCharactersMax = 1024 * 1024;

/**
 * Calls `line` with the object in each line of a stream. What is no object ends the stream with an error: the engine
 * is not to be understood.
 */
export function readObjects<T extends object>(source: Readable, line: (value: T) => void): void {
  let rest = '';
  source.setEncoding('utf8');
  // 'close' follows.
  source.on('error', () => undefined);
  source.on('data', (piece: string) => {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    const objects = parts.filter((part) => part.trim() !== '').map((part) => objectIn<T>(part));
    for (const value of objects) if (value !== undefined) line(value);
    if (objects.includes(undefined) || rest.length > lineCharactersMax)
      source.destroy(new RuntimeError('failed', 'the container engine answers with what is no JSON'));
  });
}

/** Undefined: it is none. */
function objectIn<T extends object>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

function tellEvent({ Action, Actor }: DockerEvent, listener: (event: RuntimeEvent) => void): void {
  const type = types[Action ?? ''];
  if (type === undefined || Actor === undefined) return;
  const { exitCode, ...labels } = Actor.Attributes ?? {};
  listener({ type, id: Actor.ID, labels, exitCode: exitCode === undefined ? undefined : Number(exitCode) });
}

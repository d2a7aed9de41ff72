/** Reads a container's log from its file, and follows it over rotations until the container has ended. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { delay, type Timers } from '../../../base/index.ts';
import type { LogOutput, OutputChunk, ReadLogs } from '../runtime.ts';
import { chunkOf, lineCutter, parseLogLine } from './log-lines.ts';

interface LogSource {
  readonly path: string;
  readonly timers: Timers;
  /** Whether more may come. */
  readonly isRunning: () => Promise<boolean>;
}

const [pieceBytes, lookMs, askEvery] = [64 * 1024, 100, 5] as const;

export function readLog(source: LogSource, read: ReadLogs): LogOutput {
  const reader = { closed: false };
  const output = chunks(source, read, reader);
  return {
    [Symbol.asyncIterator]: () => output,
    close: () => {
      reader.closed = true;
    },
  };
}

interface Reader {
  readonly closed: boolean;
}

async function* chunks(source: LogSource, read: ReadLogs, reader: Reader): AsyncGenerator<OutputChunk> {
  const rendered = renderer(read);
  const file = new LogFile(source.path);
  try {
    // Everything that is there now; of it, the last lines.
    const first = lastLines(read.tailLines);
    for (let lines = await file.next(); lines !== undefined; lines = await file.next()) {
      if (reader.closed) return;
      for (const chunk of lines.flatMap(rendered)) yield* first.add(chunk);
    }
    yield* first.rest();
    if (!read.follow) return;
    for (let looks = 0; !reader.closed; looks++) {
      const ended = looks % askEvery === 0 && !(await source.isRunning());
      for (let lines = await file.next(); lines !== undefined; lines = await file.next()) {
        if (reader.closed) return;
        yield* lines.flatMap(rendered);
      }
      if (ended) return;
      await delay(source.timers, lookMs);
    }
  } finally {
    await file.close();
  }
}

function renderer({ since = 0, timestamps }: ReadLogs): (line: Uint8Array) => readonly OutputChunk[] {
  const whole = { stdout: true, stderr: true };
  return (bytes) => {
    const line = parseLogLine(bytes);
    if (line === undefined || line.at < since) return [];
    const begins = whole[line.stream];
    whole[line.stream] = !line.isPartial;
    return [chunkOf(line, { timestamps, begins })];
  };
}

interface LastLines {
  add(chunk: OutputChunk): Iterable<OutputChunk>;
  rest(): Iterable<OutputChunk>;
}

/** Passes everything on, or keeps the last lines until the end. */
function lastLines(count: number | undefined): LastLines {
  if (count === undefined) return { add: (chunk) => [chunk], rest: () => [] };
  const kept: OutputChunk[][] = [];
  let goesOn = false;
  return {
    add: (chunk) => {
      if (goesOn) kept.at(-1)?.push(chunk);
      else kept.push([chunk]);
      goesOn = chunk.data.at(-1) !== 0x0a;
      if (kept.length > count) kept.shift();
      return [];
    },
    rest: () => kept.splice(0).flat(),
  };
}

/** A file that is renamed when it is full, after which another one has its name. */
class LogFile {
  readonly #path: string;
  readonly #cut = lineCutter();
  #file: FileHandle | undefined;
  #inode = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines that were not read yet; undefined: none for now. */
  async next(): Promise<readonly Uint8Array[] | undefined> {
    this.#file ??= await this.#open();
    if (this.#file === undefined) return undefined;
    const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, null);
    if (bytesRead > 0) return this.#cut(buffer.subarray(0, bytesRead));
    const now = await stat(this.#path).catch(() => undefined);
    if (now === undefined || now.ino === this.#inode) return undefined;
    await this.close();
    return [];
  }

  async #open(): Promise<FileHandle | undefined> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    this.#inode = file === undefined ? 0 : (await file.stat()).ino;
    return file;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

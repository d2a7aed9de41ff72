/** `troupe logs`: the logs of the home's processes, merged by time. */
import { existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { actorPattern, traceIdOf } from '../base/index.ts';
import type { Home } from '../main/index.ts';
import { Problem } from './problem.ts';

interface LogOptions {
  readonly follow: boolean;
  readonly lines: number;
  readonly raw: boolean;
  /** Only lines of actors whose address matches: `*` is anything within a part, `**` anything. */
  readonly actor?: string | undefined;
  /** Only lines of one request, by its trace id or Audit-ID. */
  readonly trace?: string | undefined;
  readonly write: (line: string) => void;
}

const levels: Readonly<Record<string, string>> = {
  debug: pc.dim('debug'),
  info: pc.green('info'),
  warn: pc.yellow('warn'),
  error: pc.red('error'),
};

/** Writes them as readable lines, or with `raw` unchanged. */
export async function showLogs(home: Home, options: LogOptions): Promise<void> {
  if (!existsSync(home.logs))
    throw new Problem(`there are no logs in ${home.folder}; did \`troupe up\` run with this --home?`);
  const files = readdirSync(home.logs)
    .filter((file) => file.endsWith('.log') && !/^(nats|audit)/.test(file))
    .map((file) => new LogFile(join(home.logs, file)));
  const filters = [
    ...(options.actor === undefined ? [] : [linesOf(options.actor)]),
    ...(options.trace === undefined ? [] : [linesOfTrace(options.trace)]),
  ];
  const wanted = (line: string): boolean => filters.every((filter) => filter(line));
  const newest = files
    .flatMap((file) => file.newLines())
    .filter(wanted)
    .map((line) => ({ line, time: timeOf(line) }))
    .sort((a, b) => a.time - b.time)
    .slice(-options.lines);
  for (const { line } of newest) options.write(options.raw ? line : readable(line));
  while (options.follow) {
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
    for (const line of files.flatMap((file) => file.newLines()).filter(wanted))
      options.write(options.raw ? line : readable(line));
  }
}

/** Whether a line is of an actor whose address fits the pattern, or of one below it. */
export function linesOf(pattern: string): (line: string) => boolean {
  const fits = actorPattern(pattern);
  return (line) => {
    const { actor } = parse(line);
    return typeof actor === 'string' && fits(actor);
  };
}

/** Whether a line was written for the request of this trace id, or Audit-ID. */
function linesOfTrace(id: string): (line: string) => boolean {
  const wanted = traceIdOf(id);
  if (wanted === undefined) throw new Problem('expected a trace id of 32 hex digits, or an Audit-ID', 2);
  return (line) => parse(line)['traceId'] === wanted;
}

/** A file that is read on from where the last read ended. */
class LogFile {
  readonly #descriptor: number;
  #position = 0;
  #rest = '';

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  newLines(): string[] {
    const { size } = fstatSync(this.#descriptor);
    if (size < this.#position) this.#position = 0;
    const buffer = Buffer.alloc(size - this.#position);
    if (buffer.length === 0) return [];
    const read = readSync(this.#descriptor, buffer, 0, buffer.length, this.#position);
    this.#position += read;
    const lines = (this.#rest + buffer.subarray(0, read).toString()).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { message: line }; // Not a structured line: shown as it is.
  }
}

function timeOf(line: string): number {
  const { time } = parse(line);
  return typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) : 0;
}

function readable(line: string): string {
  const { time, level, message, ...fields } = parse(line);
  const at = timeOf(line);
  const label = levels[String(level)] ?? String(level ?? '');
  const rest = Object.entries(fields)
    .map(([key, value]) => pc.dim(`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`))
    .join(' ');
  return [
    time === undefined ? '' : pc.dim(new Date(at).toISOString().slice(11, 23)),
    label,
    String(message ?? ''),
    rest,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The audit log: a file of JSON lines, rotated by size and age. */
import { appendFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock, Logger, Metrics, Timers } from '../../base/index.ts';
import { type AuditBackend, batched } from './batch.ts';

interface AuditLogOptions {
  readonly file: string;
  /** The file is put aside when it would grow beyond. */
  readonly bytesMax: number;
  /** Files put aside that are kept; 0: all. */
  readonly backupsMax: number;
  /** Days that they are kept; 0: for ever. */
  readonly daysMax: number;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const dayMs = 24 * 60 * 60_000;
const limitsOfLog = { batchEventsMax: 500, waitMs: 250, queueEventsMax: 20_000 } as const;

/** One JSON object a line. A file put aside carries the time in its name: `audit-2026-01-31T10-00-00.000.log`. */
export function openAuditLog(options: AuditLogOptions): AuditBackend {
  let bytes: number | undefined;
  const deliver = async (events: readonly string[]): Promise<void> => {
    const lines = Buffer.from(`${events.join('\n')}\n`);
    const size = lines.length;
    bytes ??= await sizeOf(options.file);
    if (bytes > 0 && bytes + size > options.bytesMax) {
      await rotate(options);
      bytes = 0;
    }
    await appendFile(options.file, lines, { mode: 0o600 });
    bytes += size;
  };
  const { timers, log, metrics } = options;
  return batched({ name: 'log', deliver, timers, log, metrics, ...limitsOfLog });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}

async function rotate({ file, clock, backupsMax, daysMax }: AuditLogOptions): Promise<void> {
  const [folder, stem] = [dirname(file), basename(file).replace(/\.log$/, '')];
  const time = new Date(clock.now()).toISOString().replaceAll(':', '-').slice(0, -1);
  await rename(file, join(folder, `${stem}-${time}.log`));
  const aside = (await readdir(folder))
    .filter((name) => name.startsWith(`${stem}-`) && name.endsWith('.log'))
    .sort()
    .reverse();
  for (const [place, name] of aside.entries()) {
    const madeAt = Date.parse(
      name
        .slice(stem.length + 1, -'.log'.length)
        .replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:')
        .concat('Z'),
    );
    const old = daysMax > 0 && clock.now() - madeAt > daysMax * dayMs;
    if (old || (backupsMax > 0 && place >= backupsMax)) await rm(join(folder, name), { force: true });
  }
}

/** The state that a sequence of frames describes. */
import { limits } from '../base/index.ts';
import type { ActorCounts, ActorRow, Frame, ProcessFigures, ProcessRole, ShardRow } from './frame.ts';
import type { StoreStatus } from '../state/index.ts';

/** What is known of one process. */
export interface ProcessPicture {
  readonly process: string;
  readonly role: ProcessRole;
  readonly startedAt: number;
  sequence: number;
  at: number;
  silent: boolean;
  figures: ProcessFigures | undefined;
  store: StoreStatus | undefined;
  shards: readonly ShardRow[] | undefined;
  readonly rows: Map<string, ActorRow>;
  readonly counts: Map<string, ActorCounts>;
}

/**
 * The browser applies the same frames in the same way
 * (dashboard/picture.js).
 */
export class Picture {
  readonly processes = new Map<string, ProcessPicture>();

  /**
   * `gap`: a frame before this one is missing (or the process is new here), so nothing was taken; ask the process for
   * everything.
   */
  apply(frame: Frame): 'applied' | 'gap' {
    const known = this.processes.get(frame.process);
    const process = frame.reset === true ? fresh(frame) : known;
    const follows =
      process !== undefined &&
      process.startedAt === frame.startedAt &&
      (frame.reset === true || frame.sequence === process.sequence + 1 || frame.silent === true);
    if (!follows) return 'gap';
    if (known === undefined && this.processes.size >= limits.supervisedProcessesMax) return 'applied';
    this.processes.set(frame.process, process);
    for (const address of frame.gone ?? []) {
      process.rows.delete(address);
      process.counts.delete(address);
    }
    for (const row of frame.put ?? [])
      if (process.rows.size < limits.supervisedActorsMax || process.rows.has(row.address))
        process.rows.set(row.address, row);
    for (const counts of frame.counts ?? []) if (process.rows.has(counts[0])) process.counts.set(counts[0], counts);
    process.sequence = frame.sequence;
    process.at = frame.at;
    process.silent = frame.silent ?? false;
    process.figures = frame.figures ?? process.figures;
    process.store = frame.store ?? process.store;
    process.shards = frame.shards ?? process.shards;
    return 'applied';
  }

  /** Forgets a process. */
  remove(process: string): void {
    this.processes.delete(process);
  }

  /** Frames that make this picture from nothing. */
  frames(): Frame[] {
    return [...this.processes.values()].map(({ rows, counts, figures, store, shards, silent, ...head }) => ({
      ...head,
      reset: true as const,
      put: [...rows.values()],
      counts: [...counts.values()],
      figures,
      store,
      shards,
      silent: silent ? true : undefined,
    }));
  }
}

function fresh({ process, role, startedAt, sequence, at }: Frame): ProcessPicture {
  return {
    process,
    role,
    startedAt,
    sequence,
    at,
    silent: false,
    figures: undefined,
    store: undefined,
    shards: undefined,
    rows: new Map(),
    counts: new Map(),
  };
}
